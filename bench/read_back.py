"""How many random requirements over all types are said as a sentence that reads back the same.

python -m bench.read_back [how many] [seed]

What is not read back the same is never shown, so the figure is how often people see a sentence at all.
"""

import random
import sys
import time
import warnings
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import replace
from functools import cache
from typing import Any

from hypothesis import strategies as st
from hypothesis.errors import NonInteractiveExampleWarning

from provisioning.adapters.rules import Rules
from provisioning.catalog import Catalog, ResourceType, load_catalog
from provisioning.catalog.format import FieldSpec
from provisioning.catalog.values import choices_of, coerce
from provisioning.domain import Origin, ParameterValue, Requirements, Resource, Value
from provisioning.errors import InvalidInputError
from provisioning.pipeline.sentence import Sentences

COUNT, SEED = 10_000, 1
BAR = 0.999
MOST_VALUES, MOST_RESOURCES, TEXTS = 5, 3, 20
NAMES = ("payments-api", "orders", "press-kit", "billing", "customer-portal", "etl")
SAID = Origin("text", "words")
SHOWN = 15


def main() -> None:
    count = int(sys.argv[1]) if len(sys.argv) > 1 else COUNT
    chance = random.Random(int(sys.argv[2]) if len(sys.argv) > 2 else SEED)
    catalog = load_catalog()
    sentences = Sentences(catalog, Rules(catalog))
    unsaid: Counter[str] = Counter()
    started = time.process_time()
    shown = 0
    for _ in range(count):
        wanted = requirements(catalog, chance)
        if sentences.of(wanted):
            shown += 1
        else:
            unsaid.update(blamed(sentences, wanted))
    seconds = time.process_time() - started
    print(f"{count} requirements, {shown / count:.2%} said and read back, {seconds:.0f} s")
    for what, times in unsaid.most_common(SHOWN):
        print(f"{times:6}  {what}")
    print(f"bar: {BAR:.1%}")
    sys.exit(shown / count < BAR)


def blamed(sentences: Sentences, wanted: Requirements) -> Iterator[str]:
    """The parameters that alone cannot be said, or the resource where each of them can."""
    for resource in wanted.resources:
        if sentences.of_resource(resource):
            continue
        alone = [path for path in resource.parameters if not _is_said(sentences, resource, path)]
        for path in alone or ["(together)"]:
            yield f"{resource.type} {path}"


def _is_said(sentences: Sentences, resource: Resource, path: str) -> bool:
    alone = replace(resource, parameters={path: resource.parameters[path]})
    return bool(sentences.of_resource(alone))


def requirements(catalog: Catalog, chance: random.Random) -> Requirements:
    """One to three resources with up to five values each that the catalog takes."""
    types = chance.choices(sorted(catalog.types), k=chance.randint(1, MOST_RESOURCES))
    return Requirements(tuple(_any(catalog, one, chance) for one in types), "bench")


def _any(catalog: Catalog, type_name: str, chance: random.Random) -> Resource:
    resource_type = catalog.types[type_name]
    fields = [pair for pair in resource_type.fields() if not pair[1].setting]
    chosen = chance.sample(fields, min(len(fields), chance.randint(0, MOST_VALUES)))
    values: dict[str, Value] = {}
    for path, field in sorted(chosen, key=lambda pair: "{" in pair[1].allowed):
        leaf = path.replace("[]", "[0]")
        value = _value(catalog, leaf, field, _plain(resource_type, values), chance)
        if value is not None:
            values[leaf] = Value(value, SAID)
    name = chance.choice(NAMES)
    environment = Value(chance.choice(catalog.environments), SAID)
    return Resource(type_name, Value(name, SAID), name, name, environment, values, {})


def _plain(resource_type: ResourceType, values: Mapping[str, Value]) -> Mapping[str, Any]:
    defaults = {
        name: parameter.default for name, parameter in resource_type.file.parameters.items()
    }
    return defaults | {path: one.value for path, one in values.items()} | {"region": "us-east-1"}


def _value(
    catalog: Catalog,
    path: str,
    field: FieldSpec,
    others: Mapping[str, Any],
    chance: random.Random,
) -> ParameterValue | None:
    choices = choices_of(catalog, field, others)
    written = list(choices) if choices else _made(field)
    try:
        return coerce(catalog, path, field, chance.choice(written), others) if written else None
    except InvalidInputError:
        return None


def _made(field: FieldSpec) -> list[Any]:
    if field.type == "boolean":
        return [True, False]
    if field.type in {"integer", "number"}:
        return _numbers(field.minimum, field.maximum, field.multiple_of or 1)
    if field.format == "ipv4_network":
        return ["10.0.0.0/16", "10.20.0.0/24", "0.0.0.0/0", "192.168.1.7/32"]
    if field.format == "schedule":
        return ["rate(5 minutes)", "cron(0 6 * * ? *)", "cron(30 7 ? * MON-FRI *)"]
    return list(_texts(field.pattern, field.min_length, field.max_length))


def _numbers(minimum: float | None, maximum: float | None, step: int) -> list[float]:
    least, most = int(minimum or 0), int(maximum or 10_000)
    return sorted(
        {least, most, *(least + step * k for k in (1, 2, 3, 7, 20) if least + step * k <= most)}
    )


@cache
def _texts(pattern: str, least: int, most: int) -> tuple[str, ...]:
    made = st.from_regex(pattern, fullmatch=True) if pattern else st.text("abc xyz-1", min_size=1)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", NonInteractiveExampleWarning)
        drawn = [made.example() for _ in range(TEXTS)]
    return tuple(one for one in drawn if least <= len(one) <= min(most, 60))


if __name__ == "__main__":
    main()
