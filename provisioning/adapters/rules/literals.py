"""Values that are written out: instance types, networks, versions, names of keys, domains, schedules."""

import re
from collections.abc import Iterator, Sequence

from provisioning.adapters.rules.grammar import grammar
from provisioning.adapters.rules.name_words import is_compared
from provisioning.adapters.rules.named import ORDINARY, as_type, distinctive, named
from provisioning.adapters.rules.page import Claim, Page
from provisioning.adapters.rules.schedules import as_aws_writes
from provisioning.adapters.rules.tokens import keys
from provisioning.adapters.rules.vocabulary import Meaning
from provisioning.catalog import Catalog
from provisioning.catalog.format import FieldSpec

_VERSION = grammar("version")

DOMAIN = "www.acme.example"
SHAPED = frozenset({"name", "network", "email", "url", "arn", "schedule", "path", "image"})


def literals(page: Page, taken: set[int]) -> list[Claim]:
    claims = list(named(page))
    told = {place for claim in claims for place in range(claim.first, claim.last)}
    for index in range(len(page.atoms)):
        if index not in taken | told:
            claims += _shaped(page, index)
    said = list(_versions(page, taken))
    return claims + said + list(_written_versions(page, taken, {claim.type for claim in said}))


def _written_versions(page: Page, taken: set[int], told: set[str]) -> Iterator[Claim]:
    """ "eks stg lab 1.35": a decimal that is one of the versions, and nothing else has taken it."""
    for index, atom in enumerate(page.atoms):
        is_decimal = atom.kind == "number" and "." in atom.key
        if not is_decimal or index in taken or index in page.covered:
            continue
        owners = {}
        for owner in set(page.wanted.types) - told:
            for path, field in page.fields_of(owner):
                is_version = path.endswith("version")
                if is_version and atom.key in _values_of(page.vocabulary.catalog, field):
                    owners[owner] = path
        for owner in page.owners(set(owners), index, index + 1)[:1]:
            yield page.claim(owner, owners[owner], atom.key, (index, index + 1))


def _shaped(page: Page, index: int) -> Iterator[Claim]:
    """A word whose form alone says what it is: 10.0.0.0/16, m6i.xlarge, someone@example.com."""
    atom = page.atoms[index]
    if atom.kind not in SHAPED or is_compared(page, index):
        return
    raw = (
        as_aws_writes(page.text[atom.start : atom.end])
        if atom.kind == "schedule"
        else page.text[atom.start : atom.end]
    )
    values: dict[str, tuple[str, str]] = {}
    for owner in page.wanted.types:
        for path, field in page.fields_of(owner):
            value = _fitting(page.vocabulary.catalog, field, raw)
            if value is not None and owner not in values:
                values[owner] = (path, value)
    for owner in page.owners(set(values), index, index + 1)[:1]:
        path, value = values[owner]
        yield page.claim(owner, path, as_type(page, owner, path, value), (index, index + 1))


def _fitting(catalog: Catalog, field: FieldSpec, raw: str) -> str | None:
    if field.type not in {"string", "array"} or (field.setting and field.format != "ipv4_network"):
        return None
    if field.enum:
        return None
    if field.allowed:
        return _allowed_value(catalog, field, raw.lower())
    if field.format == "ipv4_network":
        return raw if "/" in raw and raw[0].isdecimal() else None
    if field.pattern and (
        distinctive(field.pattern, field.required) or _is_domain(field.pattern, raw)
    ):
        return next(
            (form for form in (raw, raw.lower()) if re.fullmatch(field.pattern, form)), None
        )
    return None


def _is_domain(pattern: str, raw: str) -> bool:
    """Two dots make a domain of a word, where the pattern is one of domains."""
    return (
        raw.count(".") > 1
        and not re.fullmatch(pattern, ORDINARY[0])
        and re.fullmatch(pattern, DOMAIN) is not None
    )


def _allowed_value(catalog: Catalog, field: FieldSpec, raw: str) -> str | None:
    """ "r6g.xlarge" stands for "db.r6g.xlarge" where that is what AWS calls it."""
    if "." not in raw:
        return None
    values = _values_of(catalog, field)
    if raw in values:
        return raw
    for value in values:
        if value.endswith("." + raw) or value.startswith(raw + "."):
            return value
    return None


def _values_of(catalog: Catalog, field: FieldSpec | None) -> list[str]:
    """All that any of the field's lists allows; whether it fits the other parameters is asked later."""
    if field is None or not field.allowed:
        return []
    values: list[str] = []
    for one in catalog.allowed_lists(field.allowed):
        values += map(str, one.values)
    return values


def spelled_value(page: Page, owner: str, path: str, raw: str) -> str | tuple[str, ...] | None:
    """The value of a text parameter that is written so, or None where it takes no such."""
    field = page.vocabulary.catalog.types[owner].field(path)
    if field is None or field.format:
        return None
    if field.enum:
        word = keys(raw)
        spelled = ((value, [value, *said]) for value, said in field.values.items())
        known = (value for value, said in spelled if word in map(keys, said))
        return next(known, raw if raw in field.enum else None)
    if field.allowed and path.endswith("version"):
        return _version(page, owner, path, raw)
    if field.allowed:
        return _allowed_value(page.vocabulary.catalog, field, raw.lower())
    if not field.pattern or not re.fullmatch(field.pattern, raw):
        return None
    return as_type(page, owner, path, raw)


def _versions(page: Page, taken: set[int]) -> Iterator[Claim]:
    """A number right behind the engine or the type ("Postgres 15", "Kubernetes 1.34") where a version is a parameter."""
    for mention in page.found:
        place = mention.last + (
            page.roles_at(mention.last) <= {"linking"} and _says_version(page, mention.last)
        )
        if (
            place >= len(page.atoms)
            or page.atoms[place].kind != "number"
            or place in taken
            or place in page.covered
        ):
            continue
        if _key(page, place + 1) == "of" and "definite" in page.roles_at(
            place + 2
        ):  # "version 3 of our app"
            continue
        engines = {
            one.subject
            for one in mention.of("value")
            if page.field(one._replace(path=f"{one.path}_version"))
        }
        owners = (
            {meaning.subject for meaning in mention.of("type")}
            | engines
            | _named_versions(page, mention.meanings)
        )
        for owner in page.owners(owners & set(page.wanted.types), mention.first, place + 1)[:1]:
            path = next(
                (
                    p
                    for p, field in page.fields_of(owner)
                    if p.endswith("version") and field.type == "string"
                ),
                None,
            )
            if path:
                atom = page.atoms[place]
                raw = page.text[atom.start : atom.end]
                yield page.claim(
                    owner, path, _version(page, owner, path, raw), (mention.first, place + 1)
                )
                other = (
                    page.atoms[place + 2]
                    if _key(page, place + 1) == "or" and place + 2 < len(page.atoms)
                    else None
                )
                if other is not None and other.kind == "number":  # "Postgres 17 or 16"
                    told = _version(page, owner, path, page.text[other.start : other.end])
                    yield page.claim(owner, path, told, (place + 2, place + 3))


def _named_versions(page: Page, meanings: Sequence[Meaning]) -> set[str]:
    return {
        meaning.subject
        for meaning in meanings
        if meaning.kind == "name" and meaning.path.endswith("version")
    }


def _key(page: Page, index: int) -> str:
    return page.atoms[index].key if index < len(page.atoms) else ""


def _says_version(page: Page, index: int) -> bool:
    return _key(page, index) in _VERSION


def _version(page: Page, owner: str, path: str, raw: str) -> str:
    """ "15.0" and "v15" are told by an allowed "15"; what is not allowed stays as it was written."""
    catalog = page.vocabulary.catalog
    field = catalog.types[owner].field(path)
    choices = field.enum if field else []
    values = _values_of(catalog, field) or [str(choice) for choice in choices]
    if raw in values:
        return raw
    return next((value for value in values if value.startswith(raw + ".")), raw)
