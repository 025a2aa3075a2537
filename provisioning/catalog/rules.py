"""Start-up checks of what one part of a folder says about another: policies, relations, conditions, allowed values."""

from collections.abc import Iterable, Iterator, Mapping

from provisioning.catalog.allowed_lists import depends_on
from provisioning.catalog.format import EmulatorException, FieldSpec, Policy, Relation
from provisioning.catalog.types import Catalog, ResourceType

NUMBERS = {"integer", "number"}
BOUNDS = {"minimum", "maximum"}
CHOICES = {"one_of", "not_one_of"}
Mistakes = Iterator[tuple[str, str]]


def rule_mistakes(catalog: Catalog, resource_type: ResourceType) -> Mistakes:
    fields = dict(resource_type.fields())
    file = resource_type.file
    yield from _unknown_names(resource_type, fields)
    for policy in file.policy:
        yield from _at(f"policy.{policy.name}", _policy(policy, fields))
    for relation in file.relation:
        yield from _at(f"relation.{relation.name}", _relation(relation, fields))
    for number, exception in enumerate(file.emulator):
        yield from _at(f"emulator[{number}]", _exception(exception))
    for path, field in fields.items():
        if field.allowed:
            yield from _at(f"parameters.{path}.allowed", _allowed(catalog, field, fields))


def _unknown_names(resource_type: ResourceType, fields: Mapping[str, FieldSpec]) -> Mistakes:
    for key, paths in _named(resource_type):
        for path in paths:
            if path and path not in fields:
                yield key, f"{path!r} is not a parameter."


def _at(key: str, reasons: Iterable[str]) -> Mistakes:
    for reason in reasons:
        yield key, reason


def _named(resource_type: ResourceType) -> Iterator[tuple[str, Iterable[str]]]:
    file = resource_type.file
    yield "branch_word", [file.branch_word]
    yield "named_by", [file.named_by]
    for policy in file.policy:
        yield f"policy.{policy.name}", [policy.parameter, *_conditions(policy.when)]
    for rule in file.relation:
        yield (
            f"relation.{rule.name}",
            [rule.left, rule.right, *rule.parameters, *_conditions(rule.when)],
        )
    for beside in file.beside:
        yield f"beside.{beside.name}", [beside.parameter]
    for number, conditional in enumerate(file.conditional_defaults):
        yield f"conditional_defaults[{number}].when", _conditions(conditional.when)
    for number, exception in enumerate(file.emulator):
        yield f"emulator[{number}].parameters", exception.parameters


def _exception(exception: EmulatorException) -> Iterator[str]:
    changes = exception.omit or bool(exception.set)
    of_resource = [changes, bool(exception.differs), exception.stays]
    said = [bool(exception.parameters), *of_resource]
    needs_resource = any(of_resource)
    if said.count(True) != 1 or needs_resource != bool(exception.resource):
        yield "either parameters, or a resource with omit, set, differs or stays."


def _conditions(when: Mapping[str, object]) -> list[str]:
    return [name for name in when if name != "environment"]


def _policy(policy: Policy, fields: Mapping[str, FieldSpec]) -> Iterator[str]:
    field = fields.get(policy.parameter)
    is_list = isinstance(policy.value, list)
    if policy.operator in BOUNDS:
        if field and field.type not in NUMBERS:
            yield f"{policy.operator} is for numbers; {policy.parameter!r} is of type {field.type}."
        # Python's booleans are integers, and `true` as a bound is a slip.
        if isinstance(policy.value, bool) or not isinstance(policy.value, int | float):
            yield f"{policy.operator} needs a number, not {policy.value!r}."
    elif is_list != (policy.operator in CHOICES):
        wanted = "one value" if is_list else "a list"
        yield f"{policy.operator} needs {wanted}."


def _relation(relation: Relation, fields: Mapping[str, FieldSpec]) -> Iterator[str]:
    sides = [relation.left, relation.right]
    both = all(sides)
    if relation.operator in {"at_most", "pairs"} and not both:
        yield f"{relation.operator} needs left and right."
    if relation.operator == "at_most":
        for path in sides:
            if path in fields and fields[path].type not in NUMBERS:
                yield f"at_most is for numbers; {path!r} is of type {fields[path].type}."
    if (relation.operator == "pairs") != bool(relation.pairs):
        yield "pairs, and only pairs, lists the right values of each left value."
    demands = relation.operator in {"requires", "excludes"}
    if demands and not relation.parameters and not both:
        yield f"{relation.operator} needs parameters, or left and right."


def _allowed(catalog: Catalog, field: FieldSpec, fields: Mapping[str, FieldSpec]) -> Iterator[str]:
    """Every list that the name can mean must be there; a missing one would allow anything."""
    parameters = depends_on(field.allowed)
    for parameter in parameters:
        if parameter not in fields:
            yield f"{parameter!r} is not a parameter."
            return
    lists = catalog.allowed_lists(field.allowed)
    if not lists and not any(fields[parameter].enum for parameter in parameters):
        yield f"allowed.json has no list {field.allowed!r}."
    for parameter in parameters:
        there = {one.when[parameter] for one in lists}
        # Only an enumeration says which lists there must be; a region without a list offers nothing.
        for choice in fields[parameter].enum:
            if str(choice) not in there:
                missing = field.allowed.replace(f"{{{parameter}}}", str(choice))
                yield f"allowed.json has no list {missing!r}."
