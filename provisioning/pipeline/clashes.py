"""A default that cannot stand beside what was asked for becomes a question, where another value could.

Nobody asked for the default, so nobody is refused for its sake.
"""

from collections.abc import Iterator, Mapping
from dataclasses import replace

from provisioning.catalog import Catalog, ResourceType
from provisioning.catalog.defaults import broken_policies
from provisioning.catalog.format import FieldSpec
from provisioning.catalog.values import choices_of, coerce
from provisioning.domain import Origin, ParameterValue, Question, Resource, Value
from provisioning.errors import InvalidInputError

MOST_CHOICES = 8  # as many as any question offers
Values = Mapping[str, ParameterValue]


def questions(catalog: Catalog, resource_type: ResourceType, resource: Resource) -> list[Question]:
    """One for each default that a rule holds against a stated value, with what would keep every rule.

    Empty where no other value of a default would: then it is for the requester's own values to change.
    """
    asked: dict[str, Question] = {}
    for path, message in _clashing(catalog, resource_type, resource):
        choices = list(_fitting(catalog, resource_type, resource, path))
        # Half of the answers would still end in a refusal, so all is refused at once.
        if not choices:
            return []
        written = tuple(_written(value) for value in choices[:MOST_CHOICES])
        identity = f"{resource_type.name}.{path}"
        field = resource_type.field(path)
        title = field.title if field else path
        asked[identity] = Question(identity, f"{message} {title}: which one?", written, written[0])
    return list(asked.values())


def _clashing(
    catalog: Catalog, resource_type: ResourceType, resource: Resource
) -> Iterator[tuple[str, str]]:
    """Each default that could give way, and the sentence of the rule that it breaks."""
    values = _plain(resource)
    for policy, _ in broken_policies(resource_type, str(resource.environment.value), values):
        for path in policy.when:
            if _is_default(resource, path):
                yield path, policy.message
    for path, message in _impossible(catalog, resource_type, values):
        if _is_default(resource, path):
            yield path, message


def _impossible(
    catalog: Catalog, resource_type: ResourceType, values: Values
) -> Iterator[tuple[str, str]]:
    for path, value in values.items():
        field = resource_type.field(path)
        if field is None or value is None:
            continue
        try:
            coerce(catalog, path, field, value, values)
        except InvalidInputError as error:
            yield path, error.message


def _fitting(
    catalog: Catalog, resource_type: ResourceType, resource: Resource, path: str
) -> Iterator[ParameterValue]:
    """What an environment has for a default comes first: somebody chose it for this type."""
    field = resource_type.field(path)
    if field is None:
        return
    candidates = dict.fromkeys(
        [*_defaults(resource_type, path), *_choices(catalog, field, _plain(resource))]
    )
    for value in candidates:
        changed = _with(resource, path, value)
        if _keeps_all(catalog, resource_type, changed):
            yield value


def _defaults(resource_type: ResourceType, path: str) -> Iterator[ParameterValue]:
    for defaults in resource_type.file.defaults.values():
        value = defaults.get(path)
        # A list is nothing that one could choose as an answer.
        if isinstance(value, bool | int | float | str):
            yield value


def _choices(catalog: Catalog, field: FieldSpec, others: Values) -> list[ParameterValue]:
    if field.type == "boolean":
        return [True, False]
    return list(choices_of(catalog, field, others) or ())


def _keeps_all(catalog: Catalog, resource_type: ResourceType, resource: Resource) -> bool:
    values = _plain(resource)
    where = str(resource.environment.value)
    broken = any(broken_policies(resource_type, where, values))
    return not broken and not any(_impossible(catalog, resource_type, values))


def _is_default(resource: Resource, path: str) -> bool:
    value = resource.parameters.get(path)
    return value is not None and value.origin.kind == "default"


def _with(resource: Resource, path: str, value: ParameterValue) -> Resource:
    changed = Value(value, Origin("default", ""))
    return replace(resource, parameters={**resource.parameters, path: changed})


def _plain(resource: Resource) -> Values:
    return {path: one.value for path, one in resource.parameters.items()}


def _written(value: ParameterValue) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    return str(value)
