"""The tags that every resource carries, each with its origin."""

from provisioning.catalog import Catalog
from provisioning.domain import Origin, Resource, Submission, Value


def tags_of(catalog: Catalog, submission: Submission, resource: Resource) -> dict[str, Value]:
    """A tag without a value is left out."""
    sources = {
        "environment": resource.environment,
        "application": resource.application,
        "name": Value(resource.name, Origin("policy", "naming")),
        "team": Value(submission.team, Origin("field", "team")),
        "service": Value(submission.service, Origin("field", "service")),
        "requester": Value(submission.requester, Origin("field", "requester")),
    }
    tags = {}
    for name, tag in catalog.platform.tags.items():
        fixed = Value(tag.value, Origin("policy", "required tags"))
        value = sources[tag.source] if tag.source else fixed
        if value.value == "" and tag.default:
            value = Value(tag.default, Origin("default", "default of required tags"))
        if value.value:
            tags[name] = value
    return tags
