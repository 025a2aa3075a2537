"""Renders hostile text at every text of every type and counts what comes of it.

    python -m bench.hostile [renderings, 300000 if not given] [seed]

A rendering is open when a block, an expression or a file is another than without the hostile text, when a value in
`terraform.tfvars.json` is not the text that was sent, or when a check let text pass that Terraform would change or a reader
not see. There may be none.
"""

import json
import os
import random
import sys
import time
from collections import Counter
from concurrent.futures import ProcessPoolExecutor

from provisioning.catalog import Catalog, load_catalog
from provisioning.certify.variants import choices, example_resource
from provisioning.domain import RenderedResource, Resource
from provisioning.errors import (
    CheckFailedError,
    ClarificationNeededError,
    InvalidInputError,
    PolicyViolationError,
)
from provisioning.hcl.skeleton import skeleton
from provisioning.pipeline.check import check_closed, unclear
from provisioning.pipeline.render import TFVARS, reference, render
from tests.support.hostile import hostile, text_places, texts_of, with_text


def main() -> None:
    wanted = int(sys.argv[1]) if len(sys.argv) > 1 else 300_000
    seed = int(sys.argv[2]) if len(sys.argv) > 2 else 1
    workers = os.cpu_count() or 1
    started = time.perf_counter()
    with ProcessPoolExecutor(workers) as pool:
        shares = [wanted // workers + (number < wanted % workers) for number in range(workers)]
        counts = sum(pool.map(run, shares, range(seed, seed + workers)), Counter[str]())
    seconds = time.perf_counter() - started
    for outcome, count in sorted(counts.items()):
        print(f"{count:9,} {outcome}")
    print(f"{wanted:9,} renderings in {seconds:.0f} s; open: {counts['OPEN']}")
    sys.exit(counts["OPEN"] > 0)


def run(count: int, seed: int) -> Counter[str]:
    """Every variant in turn, every text of it in turn, with texts of a random generator."""
    catalog, chance, counts = load_catalog(), random.Random(seed), Counter[str]()
    while True:
        for resource in every_resource(catalog):
            benign = render(catalog, resource)
            for place in text_places(catalog.types[resource.type], resource):
                if counts.total() == count:
                    return counts
                counts[outcome(catalog, resource, benign, place, hostile(chance))] += 1


def every_resource(catalog: Catalog) -> list[Resource]:
    found = []
    for resource_type in catalog.types.values():
        for environment, chosen in choices(catalog, resource_type):
            try:
                found.append(example_resource(catalog, resource_type, environment, chosen))
            except (ClarificationNeededError, InvalidInputError, PolicyViolationError):
                continue
    random.Random(0).shuffle(found)
    return found


def outcome(
    catalog: Catalog, resource: Resource, benign: RenderedResource, place: str, text: str
) -> str:
    rendered = render(catalog, with_text(resource, place, text))
    if not closed(rendered, benign):
        return "OPEN"
    sent = text in texts_of(json.loads(rendered.files[TFVARS]))
    try:
        check_closed(rendered, reference(catalog, rendered))
    except CheckFailedError:
        return "refused with a reason"
    if sent and unclear(text):
        return "OPEN"
    return "a plain value" if sent else "not used by this variant"


def closed(rendered: RenderedResource, benign: RenderedResource) -> bool:
    same = all(
        rendered.files[file] == benign.files[file]
        for file in benign.files
        if file not in {"backend.tf", TFVARS}
    )
    backend = skeleton(rendered.files["backend.tf"]) == skeleton(benign.files["backend.tf"])
    return same and backend and rendered.files.keys() == benign.files.keys()


if __name__ == "__main__":
    main()
