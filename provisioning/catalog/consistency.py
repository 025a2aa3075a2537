"""Start-up checks: what a folder says must fit together. Raises `CatalogError` for the first mistake of each folder."""

import re
from collections.abc import Iterator, Mapping
from typing import Any

from provisioning.catalog import certificate
from provisioning.catalog.defaults import broken_policies, default_values
from provisioning.catalog.format import NAME, FieldSpec, Parameter
from provisioning.catalog.paths import first_item, general
from provisioning.catalog.platform_format import Tag
from provisioning.catalog.rules import rule_mistakes
from provisioning.catalog.templates import common_template_mistakes, template_mistakes
from provisioning.catalog.types import Catalog, ResourceType
from provisioning.catalog.values import choices_of, coerce
from provisioning.errors import CatalogError, InvalidInputError

# Each value multiplies the variants of the type, all of which certify has to prove.
MAX_STRUCTURE_VALUES = 8
# AWS takes 50 on a resource; the rest is for those that a type's template adds.
MAX_TAGS = 45
# https://docs.aws.amazon.com/tag-editor/latest/userguide/best-practices-and-strats.html
TAG = re.compile(r"(?!aws:)[\w .:/=+@-]{1,128}", re.IGNORECASE)
TAG_HINT = "a key has at most 128 letters, digits, blanks and + - = . _ : / @, and does not begin with aws:"
TAG_VALUE = re.compile(r"[\w .:/=+@-]{0,256}")
TAG_VALUE_HINT = "a value has at most 256 letters, digits, blanks and + - = . _ : / @"
AWS_NAME = ("organization", "environment", "name")
# What every resource has beside its parameters, in Terraform or in a request.
RESERVED = {"name", "tags", "environment", "application"}


def check(catalog: Catalog) -> None:
    """Raises `CatalogError` for the first mistake, with the file, the key or line, and the reason."""
    for key, reason in _platform_mistakes(catalog):
        raise CatalogError(f"platform.toml: {key}: {reason}")
    for file, line, reason in common_template_mistakes(catalog):
        raise CatalogError(
            f"_common/{file}: {line}: {reason}" if line else f"_common/{file}: {reason}"
        )
    for resource_type in catalog.types.values():
        for key, reason in _mistakes(catalog, resource_type):
            raise CatalogError(f"{resource_type.folder / 'resource.toml'}: {key}: {reason}")
        for file, line, reason in template_mistakes(resource_type):
            raise CatalogError(f"{resource_type.folder / file}: {line}: {reason}")
        certificate.read(resource_type.folder)


def _allow_mistakes(catalog: Catalog) -> Iterator[tuple[str, str]]:
    """A type or environment that is spelled wrong would refuse in silence what was meant to be allowed."""
    for number, entry in enumerate(catalog.platform.allow):
        for name in set(entry.types) - {"*", *catalog.types}:
            yield f"allow[{number}].types", f"{name!r} is not a type."
        for name in set(entry.environments) - {"*", *catalog.environments}:
            yield f"allow[{number}].environments", f"{name!r} is not an environment."


def _platform_mistakes(catalog: Catalog) -> Iterator[tuple[str, str]]:
    platform = catalog.platform
    if platform.default_environment not in platform.environments:
        yield "default_environment", f"{platform.default_environment!r} is not an environment."
    yield from _pattern_mistakes("directory", platform.directory, "environment", "type", "name")
    yield from _pattern_mistakes("branch", platform.branch, "environment", "word", "application")
    yield from _pattern_mistakes("aws_name", platform.aws_name, *AWS_NAME)
    yield from _allow_mistakes(catalog)
    yield from _tag_mistakes(platform.tags)


def _tag_mistakes(tags: Mapping[str, Tag]) -> Iterator[tuple[str, str]]:
    if len(tags) > MAX_TAGS:
        reason = "are too many; AWS takes 50, and types add up to 5 of their own."
        yield "tags", f"{len(tags)} {reason}"
    for name, tag in tags.items():
        key = f"tags.{name}"
        if not TAG.fullmatch(name):
            yield key, TAG_HINT
        if not TAG_VALUE.fullmatch(tag.value or tag.default):
            yield key, TAG_VALUE_HINT
        if bool(tag.value) == bool(tag.source):
            yield key, "either a value or a source."


def _pattern_mistakes(key: str, pattern: str, *names: str) -> Iterator[tuple[str, str]]:
    try:
        pattern.format(**dict.fromkeys(names, "x"))
    except (KeyError, IndexError, ValueError) as error:
        places = ", ".join(f"{{{name}}}" for name in names)
        yield key, f"{pattern!r} may hold {places} and nothing else ({error})."


def _mistakes(catalog: Catalog, resource_type: ResourceType) -> Iterator[tuple[str, str]]:
    yield from _file_mistakes(resource_type)
    asked_for = _asked_for(resource_type)
    for path, field in resource_type.fields():
        yield from _field_mistakes(f"parameters.{path}", field)
        if field.setting and path not in asked_for:
            yield from _setting_mistakes(catalog, f"parameters.{path}.setting", field.setting)
    yield from _list_mistakes(resource_type)
    yield from rule_mistakes(catalog, resource_type)
    yield from _reference_mistakes(catalog, resource_type)
    yield from _default_mistakes(catalog, resource_type)
    yield from _value_mistakes(catalog, resource_type)
    yield from _example_mistakes(catalog, resource_type)


def _file_mistakes(resource_type: ResourceType) -> Iterator[tuple[str, str]]:
    file = resource_type.file
    if not re.fullmatch(NAME, resource_type.name):
        yield "the folder's name", f"{resource_type.name!r} must match {NAME}."
    if not _compiles(file.aws_name_pattern):
        yield "aws_name_pattern", f"{file.aws_name_pattern!r} is not a regular expression."
    yield from _pattern_mistakes("aws_name", file.aws_name, *AWS_NAME)
    for name in resource_type.parameters.keys() & RESERVED:
        yield f"parameters.{name}", "every resource has this already; choose another name."


def _field_mistakes(key: str, field: FieldSpec) -> Iterator[tuple[str, str]]:
    if field.required and not field.question:
        yield f"{key}.question", "a required parameter needs the question that asks for it."
    if field.structure and not _finite(field):
        reason = "only a boolean, an enumeration or a small bounded integer may decide structure."
        yield f"{key}.structure", reason
    yield from _bound_mistakes(key, field)
    choices = {_spelled(choice) for choice in field.enum}
    for value in field.values:
        # Without an enumeration the words are for values of a list in allowed.json.
        if choices and value not in choices:
            yield f"{key}.values", f"{value!r} is not in enum."


def _asked_for(resource_type: ResourceType) -> set[str]:
    """Parameters that a relation misses in words at a request: a platform may do without what nobody asks for."""
    found: set[str] = set()
    for relation in resource_type.file.relation:
        if relation.operator == "requires":
            found.update(relation.parameters)
    return found


def _setting_mistakes(catalog: Catalog, key: str, setting: str) -> Iterator[tuple[str, str]]:
    for environment in catalog.platform.environments.values():
        known = set(environment.settings).union(*environment.regions.values())
        if setting not in known:
            yield key, f"platform.toml has no {setting!r} for {environment.title}."


def _bound_mistakes(key: str, field: FieldSpec) -> Iterator[tuple[str, str]]:
    low, high = field.minimum, field.maximum
    if low is not None and high is not None and low > high:
        yield f"{key}.minimum", f"{low:g} is above the maximum, {high:g}."
    if field.pattern and not _compiles(field.pattern):
        yield f"{key}.pattern", f"{field.pattern!r} is not a regular expression."


def _finite(field: FieldSpec) -> bool:
    if field.type == "boolean" or field.enum:
        return True
    if field.type != "integer" or field.minimum is None or field.maximum is None:
        return False
    return field.maximum - field.minimum < MAX_STRUCTURE_VALUES


def _spelled(choice: object) -> str:
    return str(choice).lower() if isinstance(choice, bool) else str(choice)


def _compiles(pattern: str) -> bool:
    try:
        re.compile(pattern)
    except re.error:
        return False
    return True


def _list_mistakes(resource_type: ResourceType) -> Iterator[tuple[str, str]]:
    for name, parameter in resource_type.parameters.items():
        key = f"parameters.{name}"
        has_items = parameter.items is not None
        if has_items != (parameter.type == "array"):
            yield f"{key}.items", "an array, and only an array, has items."
        unique = parameter.unique_by
        if unique and unique not in _inner(parameter):
            yield f"{key}.unique_by", f"{unique!r} is not a field of its items."


def _inner(parameter: Parameter) -> Mapping[str, FieldSpec]:
    return parameter.items if isinstance(parameter.items, dict) else {}


def _reference_mistakes(catalog: Catalog, resource_type: ResourceType) -> Iterator[tuple[str, str]]:
    file = resource_type.file
    known = ", ".join(catalog.environments)
    for environment in set(file.defaults) - set(catalog.environments):
        yield f"defaults.{environment}", f"not an environment of platform.toml ({known})."
    tables = list(file.defaults.values())
    tables += [conditional.set for conditional in file.conditional_defaults]
    for table in tables:
        for name in set(table) - set(resource_type.parameters):
            yield "defaults", f"{name!r} is not a parameter."


def _default_mistakes(catalog: Catalog, resource_type: ResourceType) -> Iterator[tuple[str, str]]:
    for environment in catalog.environments:
        leaves = default_values(catalog, resource_type, environment)
        for path, value in leaves.items():
            reason = _refusal(catalog, resource_type, path, value, leaves)
            if reason:
                yield f"default of {path} in {environment}", reason
        # A default that a policy refuses would refuse requests that said nothing wrong.
        for policy, path in broken_policies(resource_type, environment, leaves):
            broken = f"the default of {path} in {environment} ({leaves[path]!r}) breaks it."
            yield f"policy.{policy.name}", broken


def _refusal(
    catalog: Catalog,
    resource_type: ResourceType,
    path: str,
    value: object,
    others: Mapping[str, Any],
) -> str | None:
    field = resource_type.field(path)
    if field is None:
        return f"{general(path)} is not a parameter."
    try:
        coerce(catalog, path, field, value, others)
    except InvalidInputError as error:
        return error.message
    return None


def _value_mistakes(catalog: Catalog, resource_type: ResourceType) -> Iterator[tuple[str, str]]:
    """Of values that are only offered: each choice, and what a question recommends."""
    for path, field in resource_type.fields():
        offered = list(field.enum)
        if field.recommended is not None:
            offered.append(field.recommended)
        for value in offered:
            reason = _refusal(catalog, resource_type, first_item(path), value, {})
            if reason:
                yield f"parameters.{path}", reason


def _example_mistakes(catalog: Catalog, resource_type: ResourceType) -> Iterator[tuple[str, str]]:
    for number, example in enumerate(resource_type.file.examples):
        key = f"examples[{number}]"
        environment = example.environment
        if environment and environment not in catalog.environments:
            yield f"{key}.environment", f"{environment!r} is not an environment."
        for path, value in example.parameters.items():
            reason = _refusal(catalog, resource_type, path, value, example.parameters)
            if reason:
                yield f"{key}.parameters.{path}", reason


def structure_choices(catalog: Catalog, field: FieldSpec) -> list[Any]:
    """All values that a structure parameter can take."""
    if field.type == "boolean":
        return [False, True]
    found = choices_of(catalog, field, {})
    if found is not None:
        return list(found)
    low, high = int(field.minimum or 0), int(field.maximum or 0)
    return list(range(low, high + 1))
