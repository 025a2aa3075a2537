"""How long one resource takes from requirements to checked files, without terraform.

    python -m bench.render [type …]

`first` is a rendering whose template and texts nothing has seen before, `p50` and `p95` are of renderings with ever new values.
"""

import itertools
import statistics
import sys
import time
from dataclasses import replace

from provisioning.adapters.hcl_check import HclCheck
from provisioning.catalog import Catalog, load_catalog
from provisioning.certify.variants import example_resource
from provisioning.domain import Resource, Value
from provisioning.pipeline.check import check_closed
from provisioning.pipeline.render import reference, render

ROUNDS = 200
BAR_MS = 10.0


def main() -> None:
    catalog = load_catalog()
    checker = HclCheck()
    print(f"{'type':16} {'first ms':>9} {'p50 ms':>8} {'p95 ms':>8}")
    slowest = 0.0
    for name in sys.argv[1:] or catalog.types:
        first, *later = [
            milliseconds(catalog, checker, resource) for resource in resources(catalog, name)
        ]
        p50, p95 = statistics.median(later), statistics.quantiles(later, n=20)[-1]
        slowest = max(slowest, p50)
        print(f"{name:16} {first:9.2f} {p50:8.2f} {p95:8.2f}")
    print(f"slowest p50: {slowest:.2f} ms; bar: {BAR_MS:g} ms")
    sys.exit(slowest > BAR_MS)


def resources(catalog: Catalog, name: str) -> list[Resource]:
    """The environments in turn; name, state and tags are new each time."""
    plain = [
        example_resource(catalog, catalog.types[name], environment, {})
        for environment in catalog.environments
    ]
    return [
        renamed(resource, number)
        for number, resource in zip(range(ROUNDS), itertools.cycle(plain), strict=False)
    ]


def renamed(resource: Resource, number: int) -> Resource:
    tags = {
        tag: Value(f"{value.value} {number}", value.origin) for tag, value in resource.tags.items()
    }
    return replace(
        resource,
        name=f"{resource.name}-{number}",
        aws_name=f"{resource.aws_name}-{number}",
        tags=tags,
    )


def milliseconds(catalog: Catalog, checker: HclCheck, resource: Resource) -> float:
    started = time.perf_counter()
    rendered = render(catalog, resource)
    check_closed(rendered, reference(catalog, rendered))
    checker.check([rendered])
    return (time.perf_counter() - started) * 1000


if __name__ == "__main__":
    main()
