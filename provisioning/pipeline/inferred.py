"""What a parser concluded and the platform wants to be said instead."""

from collections.abc import Mapping

from provisioning.catalog import Catalog, ResourceType
from provisioning.catalog.defaults import condition_holds
from provisioning.catalog.format import FieldSpec
from provisioning.catalog.paths import general
from provisioning.domain import Question, Value


def asked_instead(
    catalog: Catalog,
    resource_type: ResourceType,
    environment: Value,
    values: Mapping[str, Value],
) -> tuple[dict[str, Value], list[Question]]:
    """The values that may stand, and a question for each conclusion that may not: of a required
    parameter, and where a policy or the environment forbids it."""
    kept: dict[str, Value] = {}
    questions = []
    for path, value in values.items():
        field = resource_type.field(path)
        why = _forbidden(catalog, resource_type, str(environment.value), path, values)
        if value.origin.kind != "inferred" or field is None or not why:
            kept[path] = value
        else:
            questions.append(_question(resource_type, path, field, value, why))
    return kept, questions


def _forbidden(
    catalog: Catalog,
    resource_type: ResourceType,
    environment: str,
    path: str,
    values: Mapping[str, Value],
) -> str:
    """Why the path's value has to be said; "" where it may be concluded."""
    field = resource_type.field(path)
    if field is not None and field.required:
        return field.question
    if not catalog.platform.environments[environment].inferred:
        return f"In {environment}, values are said and not concluded."
    known = {name: value.value for name, value in values.items()} | {"environment": environment}
    for policy in resource_type.file.policy:
        said = policy.operator == "said" and policy.parameter == general(path)
        if said and condition_holds(policy.when, known):
            return policy.message
    return ""


def _question(
    resource_type: ResourceType, path: str, field: FieldSpec, value: Value, why: str
) -> Question:
    words = {True: "yes", False: "no"}
    concluded = words[value.value] if isinstance(value.value, bool) else str(value.value)
    choices = tuple(str(choice) for choice in field.enum)
    if field.type == "boolean":
        choices = ("yes", "no")
    text = f"{why} {field.title}: is it {concluded}, as “{value.origin.detail}” may mean?"
    return Question(f"{resource_type.name}.{path}", text, choices, concluded)
