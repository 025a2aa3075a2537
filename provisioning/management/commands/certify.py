"""`manage.py certify [type …]`: proves what the templates are and writes each type's `certificate.json`."""

import json
import os
import shutil
from argparse import ArgumentParser
from contextlib import ExitStack
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from infrallm_portal.provider_mirror import find_provider_mirror
from provisioning import wiring
from provisioning.adapters.bounded import Limits
from provisioning.adapters.terraform import Terraform
from provisioning.catalog import Catalog
from provisioning.catalog.certificate import write
from provisioning.certify import provider_schema
from provisioning.certify.emulator import emulator
from provisioning.certify.prove import Tools, prove
from provisioning.certify.variants import variants

LIMITS = Limits(seconds=600.0, memory_mb=4096)


class Command(BaseCommand):
    help = "Prove every structure variant of the resource types and write what was proved to their folders."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("types", nargs="*", help="folders of the catalog; all without it")
        parser.add_argument(
            "--part",
            default="1/1",
            help="'2/7': the second of seven parts of the types, for a nightly run",
        )
        parser.add_argument("--check", action="store_true", help="prove, but write nothing")
        parser.add_argument(
            "--checkov", default=os.environ.get("CHECKOV_BINARY", ""), help="the checkov program"
        )
        parser.add_argument(
            "--moto", default=os.environ.get("MOTO_BINARY", ""), help="the moto_server program"
        )
        package = "the unpacked npm package @cdktf/provider-aws, to read the attributes of provider 6 from"
        parser.add_argument("--provider-schema", type=Path, metavar="FOLDER", help=package)

    def handle(self, *_args: Any, **options: Any) -> None:
        catalog = wiring.catalog()
        if options["provider_schema"]:
            self._refresh(catalog, options["provider_schema"])
            return
        chosen = _chosen(catalog, options["types"], options["part"])
        with ExitStack() as running:
            tools = _tools(options, running)
            failed = [
                name for name in chosen if not self._certify(catalog, name, tools, options["check"])
            ]
        if failed:
            raise CommandError(f"No certificate for {', '.join(failed)}: see what FAILED above.")

    def _certify(self, catalog: Catalog, name: str, tools: Tools, only_check: bool) -> bool:
        self.stdout.write(name)
        certificate = prove(catalog, catalog.types[name], tools, self.stdout.write)
        right = all(step.passed is not False for step in certificate.steps)
        if right and not only_check:
            write(catalog.types[name].folder, certificate)
        return right

    def _refresh(self, catalog: Catalog, package: Path) -> None:
        found = (
            rendered
            for each in catalog.types.values()
            for rendered in variants(catalog, each).rendered
        )
        schema = provider_schema.extract(
            package, set[str]().union(*(provider_schema.types_in(one.files) for one in found))
        )
        provider_schema.FILE.write_text(
            json.dumps(schema, separators=(",", ":"), sort_keys=True) + "\n", encoding="utf-8"
        )
        self.stdout.write(
            f"{len(schema['types'])} kinds of resource of provider {schema['provider']}."
        )


def _chosen(catalog: Catalog, names: list[str], part: str) -> list[str]:
    unknown = set(names) - set(catalog.types)
    if unknown:
        raise CommandError(
            f"There is no resource type {', '.join(sorted(unknown))}; there are {', '.join(catalog.types)}."
        )
    number, _, parts = part.partition("/")
    if not (number.isdigit() and parts.isdigit() and 1 <= int(number) <= int(parts)):
        raise CommandError(f"--part is {part!r}; write for example 2/7.")
    return (names or sorted(catalog.types))[int(number) - 1 :: int(parts)]


def _tools(options: dict[str, Any], running: ExitStack) -> Tools:
    portal = wiring.portal()
    binary = shutil.which(portal.terraform_binary or "terraform")
    if binary is None:
        return Tools(checkov=options["checkov"])
    mirror = portal.terraform_provider_mirror or find_provider_mirror()
    terraform = Terraform(binary, portal.data_dir / "terraform", mirror, LIMITS)
    moto = options["moto"]
    emulated = running.enter_context(emulator(terraform.installation, moto)) if moto else None
    return Tools(terraform, options["checkov"], emulated)
