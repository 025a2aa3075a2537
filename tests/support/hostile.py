"""Values that somebody might send to break out of a template, and ways to get them into a rendering."""

import random
from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any

from hypothesis import strategies as st

from provisioning.catalog import ResourceType
from provisioning.domain import ParameterValue, Resource, Value

LONG = 65_536
FRAGMENTS = (
    '"', "'", "`", "\\", '\\"', "\n", "\r\n", "\r", "\t", "${", "%{", "$${", "%%{", "}", "{", "}}", "{{", "{%", "%}", "{#",
    "#", "//", "/*", "*/", "<<EOT", "<<-EOT", "\nEOT\n", "=", ",", ":", "[", "]", "(", ")", "~", "$", "%", "\x00", "\x07",
    "\x1b[2J", "\x7f", "\u0085", "\u2028", "\u2029", "\u202e", "\u2066", "\u200b", "\u200d", "\ufeff", "\u00ad", "\U000e0041",
    "\ud83d", "\udc00", "\uffff", "e\u0301", "\u1100\u1161", "\u212a", "👩‍💻", "🏴", "é", "ß", "漢", "\u00a0", "\u3000",
    '${file("/proc/self/environ")}', "%{ if true }x%{ endif }", "${path.module}", "${var.name}", "{{ 7 * 7 }}",
    "{% for x in range(9) %}x{% endfor %}", "{{ ''.__class__ }}", '"\n}\nresource "terraform_data" "x" {\n',
    '"\n}\nmodule "x" {\n  source = "git::https://example.com/x"\n}\n', "</script><script>alert(1)</script>", "null", "true",
    "$(id)", "; rm -rf /", "../../etc/passwd", "\\u0022", "\\U00000022", "&quot;", "%22", "var.name", "__proto__", "-", "0",
)  # fmt: skip

values = st.one_of(
    st.lists(st.sampled_from(FRAGMENTS), min_size=1, max_size=6).map("".join),
    st.text(max_size=40),
    st.text(alphabet=st.characters(exclude_categories=())),
    st.tuples(st.sampled_from(FRAGMENTS), st.sampled_from([100, 4_096, 65_536])).map(
        lambda part: (part[0] * part[1])[: part[1]]
    ),
)


def hostile(chance: random.Random) -> str:
    """One of endlessly many, cheap to make; now and then 64 KiB long."""
    parts = chance.choices(FRAGMENTS, k=chance.randint(1, 8))
    if chance.random() < 0.1:
        parts.append(chr(chance.choice([chance.randrange(0x20), chance.randrange(0x110000)])))
    if chance.random() < 0.005:
        parts = (parts * (LONG // len("".join(parts)) + 1))[:LONG]
    return "".join(parts)[:LONG]


def text_places(resource_type: ResourceType, resource: Resource) -> list[str]:
    """Everywhere in a resource that text may come to stand: parameters (also list items), tags and the names."""
    leaves = [
        path for path, value in resource.parameters.items() if isinstance(value.value, str | tuple)
    ]
    texts = [
        name for name, parameter in resource_type.parameters.items() if parameter.type == "string"
    ]
    parameters = sorted(set(leaves) | set(texts) - set(resource_type.structure))
    return [path for path in parameters if path not in resource_type.structure] + list(
        _names(resource)
    )


def _names(resource: Resource) -> Iterator[str]:
    yield from (f"tag {name}" for name in resource.tags)
    yield from ("the name in AWS", "the name", "a new tag")


def with_text(resource: Resource, place: str, text: str) -> Resource:
    """The resource with the text there, past every check of input."""
    if place.startswith("tag "):
        name = place.removeprefix("tag ")
        return replace(
            resource, tags={**resource.tags, name: replace(resource.tags[name], value=text)}
        )
    if place == "a new tag":
        return replace(
            resource, tags={**resource.tags, text: Value(text, resource.application.origin)}
        )
    if place in {"the name in AWS", "the name"}:
        return replace(resource, **{"aws_name" if place == "the name in AWS" else "name": text})  # type: ignore[arg-type]
    before = resource.parameters.get(place)
    origin = before.origin if before else resource.application.origin
    value: ParameterValue = (text, text) if before and isinstance(before.value, tuple) else text
    return replace(resource, parameters={**resource.parameters, place: Value(value, origin)})


def texts_of(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, Mapping):
        for key, item in value.items():
            yield key
            yield from texts_of(item)
    elif isinstance(value, list):
        for item in value:
            yield from texts_of(item)
