"""Values that are written out: instance types, networks, versions, names of keys, domains, schedules."""

import re
from collections.abc import Iterable, Iterator, Sequence
from functools import lru_cache

from provisioning.adapters.rules.page import Claim, Page
from provisioning.adapters.rules.vocabulary import Meaning
from provisioning.catalog import Catalog
from provisioning.catalog.format import Field_, Parameter

ORDINARY = ("payments", "orders-api", "a1", "web", "user_id", "2024")
DOTTED = "logs.archive"  # ordinary too, unless a type must have something of that form (a zone its domain)
DOMAIN = "www.acme.example"
LINKS = 3
SHAPED = frozenset({"name", "network", "email", "url", "arn", "schedule", "path"})


def literals(page: Page, taken: set[int]) -> list[Claim]:
    claims: list[Claim] = []
    for index in range(len(page.atoms)):
        if index not in taken:
            claims += _shaped(page, index)
    return claims + list(_named(page)) + list(_versions(page, taken))


def _shaped(page: Page, index: int) -> Iterator[Claim]:
    """A word whose form alone says what it is: 10.0.0.0/16, m6i.xlarge, someone@example.com."""
    atom = page.atoms[index]
    if atom.kind not in SHAPED:
        return
    raw = page.text[atom.start : atom.end]
    values: dict[str, tuple[str, str]] = {}
    for owner in page.wanted.types:
        for path, field in page.fields_of(owner):
            value = _fitting(page.vocabulary.catalog, field, raw)
            if value is not None and owner not in values:
                values[owner] = (path, value)
    for owner in page.owners(set(values), index, index + 1)[:1]:
        path, value = values[owner]
        yield page.claim(owner, path, _as_type(page, owner, path, value), (index, index + 1))


def _as_type(page: Page, owner: str, path: str, value: str) -> str | tuple[str, ...]:
    field = page.vocabulary.catalog.types[owner].field(path)
    return (value,) if isinstance(field, Parameter) and field.type == "array" else value


def _fitting(catalog: Catalog, field: Field_, raw: str) -> str | None:
    if field.type not in {"string", "array"} or (field.setting and field.format != "ipv4_network"):
        return None
    if field.enum:
        return None
    if field.allowed:
        return _allowed_value(catalog, field.allowed, raw.lower())
    if field.format == "ipv4_network":
        return raw if "/" in raw and raw[0].isdecimal() else None
    if field.pattern and (_distinctive(field.pattern, field.required) or _is_domain(field.pattern, raw)):
        return next((form for form in (raw, raw.lower()) if re.fullmatch(field.pattern, form)), None)
    return None


@lru_cache(maxsize=1024)
def _distinctive(pattern: str, required: bool) -> bool:
    """Whether ordinary words are refused, so that what fits is no accident."""
    return not any(re.fullmatch(pattern, word) for word in (*ORDINARY, *(() if required else (DOTTED,))))


def _is_domain(pattern: str, raw: str) -> bool:
    """Two dots make a domain of a word, where the pattern is one of domains."""
    return raw.count(".") > 1 and not re.fullmatch(pattern, ORDINARY[0]) and re.fullmatch(pattern, DOMAIN) is not None


def _allowed_value(catalog: Catalog, name: str, raw: str) -> str | None:
    """ "r6g.xlarge" stands for "db.r6g.xlarge" where that is what AWS calls it."""
    if "." not in raw:
        return None
    values = _flat(catalog.allowed, name.split("."))
    if raw in values:
        return raw
    return next((value for value in values if value.endswith("." + raw) or value.startswith(raw + ".")), None)


def _flat(node: object, steps: Sequence[str]) -> list[str]:
    if not steps:
        return [str(value) for value in node] if isinstance(node, Iterable) and not isinstance(node, dict) else []
    if not isinstance(node, dict):
        return []
    children = node.values() if steps[0].startswith("{") else [node.get(steps[0])]
    return [value for child in children for value in _flat(child, steps[1:])]


def _named(page: Page) -> Iterator[Claim]:
    """ "partition key room_id", "prefix: raw/"."""
    for index, mention in enumerate(page.found):
        for meaning in mention.of("name"):
            field = page.field(meaning)
            text = field is not None and (field.type == "string" or getattr(field, "items", None) == "string")
            if field is None or not text or field.enum or field.allowed or field.setting:
                continue
            place = _value_place(page, mention.last)
            if place is None:
                place = _column_before(page, mention.first)
            raw = page.text[page.atoms[place].start : page.atoms[place].end] if place is not None else ""
            if place is not None and raw and _accepts(field, raw):
                span = (min(mention.first, place), max(mention.last, place + 1))
                for owner in page.owners({meaning.subject}, *span):
                    value = _as_type(page, owner, meaning.path, raw)
                    yield page.claim(owner, meaning.path, value, span, page.scope.holds(index))


def _accepts(field: Field_ | Parameter, raw: str) -> bool:
    return not field.pattern or re.fullmatch(field.pattern, raw) is not None


def _value_place(page: Page, index: int) -> int | None:
    for _ in range(LINKS):
        if index >= len(page.atoms):
            return None
        atom = page.atoms[index]
        if atom.key in {":", "=", '"', "'", "“", "„", "`", "called", "named", "is", "the", "of", "should", "be", "as"}:
            index += 1
            continue
        following = page.atoms[index + 1] if index + 1 < len(page.atoms) else None
        if atom.kind in {"word", "typo"} and following and following.kind == "name" and "_" in following.key:
            index += 1
            continue
        free = atom.kind in {"name", "word", "typo", "email", "network", "url", "path"} and index not in page.covered
        return index if free and atom.key not in page.vocabulary.ignorable else None
    return None


def _column_before(page: Page, index: int) -> int | None:
    """ "expires_at (TTL)", "expires_at as TTL"."""
    place = index - 1
    while place > 0 and page.atoms[place].key in {"(", "as", "the", "is"} and index - place <= LINKS:
        place -= 1
    column = 0 <= place < index - 1 and page.atoms[place].kind == "name" and "_" in page.atoms[place].key
    mentioned = page.by_last.get(place)
    named = mentioned is not None and page.found[mentioned].of("name")
    return place if column and not named and place not in page.covered else None


def _versions(page: Page, taken: set[int]) -> Iterator[Claim]:
    """A number right behind the engine or the type ("Postgres 15", "Kubernetes 1.34") where a version is a parameter."""
    for mention in page.found:
        place = mention.last + (page.roles_at(mention.last) <= {"linking"} and _says_version(page, mention.last))
        if place >= len(page.atoms) or page.atoms[place].kind != "number" or place in taken or place in page.covered:
            continue
        if _key(page, place + 1) == "of" and "definite" in page.roles_at(place + 2):  # "version 3 of our app"
            continue
        owners = {meaning.subject for meaning in mention.of("type", "value")} | _named_versions(page, mention.meanings)
        for owner in page.owners(owners & set(page.wanted.types), mention.first, place + 1)[:1]:
            path = next(
                (p for p, field in page.fields_of(owner) if p.endswith("version") and field.type == "string"), None
            )
            if path:
                atom = page.atoms[place]
                raw = page.text[atom.start : atom.end]
                yield page.claim(owner, path, _version(page, owner, path, raw), (mention.first, place + 1))


def _named_versions(page: Page, meanings: Sequence[Meaning]) -> set[str]:
    return {meaning.subject for meaning in meanings if meaning.kind == "name" and meaning.path.endswith("version")}


def _key(page: Page, index: int) -> str:
    return page.atoms[index].key if index < len(page.atoms) else ""


def _says_version(page: Page, index: int) -> bool:
    return _key(page, index) in {"version", "v", ":", "="}


def _version(page: Page, owner: str, path: str, raw: str) -> str:
    """ "15.0" and "v15" are told by an allowed "15"; what is not allowed stays as it was written."""
    field = page.vocabulary.catalog.types[owner].field(path)
    values = _flat(page.vocabulary.catalog.allowed, field.allowed.split(".")) if field and field.allowed else []
    values = values or [str(choice) for choice in (field.enum if field else [])]
    if raw in values:
        return raw
    return next((value for value in values if value.startswith(raw + ".")), raw)
