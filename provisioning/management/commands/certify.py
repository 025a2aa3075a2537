"""`manage.py certify [type …]`: proves what the templates are and writes each type's `certificate.json`."""

import json
import os
import shutil
import tempfile
from argparse import ArgumentParser
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from django.core.management.base import BaseCommand, CommandError

from infrallm_portal.provider_mirror import find_provider_mirror
from provisioning import wiring
from provisioning.adapters.bounded import Limits
from provisioning.adapters.terraform import Terraform
from provisioning.catalog import BUILT_IN, Catalog
from provisioning.catalog.certificate import doubt, read, write
from provisioning.catalog.signatures import new_key, private_key, signed
from provisioning.certify import provider_schema, together
from provisioning.certify.emulator import emulator
from provisioning.certify.prove import Tools, prove
from provisioning.certify.variants import variants

# A batch of a hundred renderings is one run, and the machine may be busy with others.
LIMITS = Limits(
    seconds=600.0, memory_mb=4096, wait_seconds=1800.0
)  # other certifications may have the machine's slots


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
            "--together",
            action="store_true",
            help="scan the examples of all types in one tree, as a team's own scan sees them, and nothing else",
        )
        parser.add_argument(
            "--checkov", default=os.environ.get("CHECKOV_BINARY", ""), help="the checkov program"
        )
        parser.add_argument(
            "--moto", default=os.environ.get("MOTO_BINARY", ""), help="the moto_server program"
        )
        parser.add_argument(
            "--signing-key",
            type=Path,
            default=os.environ.get("CERTIFICATE_SIGNING_KEY") or None,
            metavar="FILE",
            help="the private key that signs what is written; without it nobody vouches for it",
        )
        parser.add_argument(
            "--new-key",
            type=Path,
            metavar="FOLDER",
            help="make a pair of keys in a folder outside of the catalog, and nothing else",
        )
        package = "the unpacked npm package @cdktf/provider-aws, to read the attributes of provider 6 from"
        parser.add_argument("--provider-schema", type=Path, metavar="FOLDER", help=package)

    def handle(self, *_args: Any, **options: Any) -> None:
        if options["new_key"]:
            self._make_key(options["new_key"])
            return
        catalog = wiring.catalog()
        if options["provider_schema"]:
            self._refresh(catalog, options["provider_schema"])
            return
        if options["together"]:
            self._scan_together(catalog, options["checkov"])
            return
        chosen = _chosen(catalog, options["types"], options["part"])
        only_check = options["check"]
        signer = None if only_check else self._signer(options["signing_key"])
        with ExitStack() as running:
            tools = _tools(options, running)
            failed = [
                name
                for name in chosen
                if not self._certify(catalog, name, tools, signer, only_check)
            ]
        if failed:
            raise CommandError(f"No certificate for {', '.join(failed)}: see what FAILED above.")

    def _certify(
        self,
        catalog: Catalog,
        name: str,
        tools: Tools,
        signer: Ed25519PrivateKey | None,
        only_check: bool,
    ) -> bool:
        self.stdout.write(name)
        certificate = prove(catalog, catalog.types[name], tools, self.stdout.write)
        right = all(step.passed is not False for step in certificate.steps)
        if only_check:
            return right and self._stands(catalog, name)
        if right:
            signature = signed(certificate.content(), signer) if signer else None
            write(catalog.types[name].folder, replace(certificate, signature=signature))
        return right

    def _stands(self, catalog: Catalog, name: str) -> bool:
        """Whether the certificate in the folder counts: that the type is right today does not make it genuine."""
        written = read(catalog.types[name].folder)
        reason = doubt(catalog, catalog.types[name], written) if written else "there is none"
        if reason:
            self.stdout.write(f"  {'FAILED':10} certificate: {reason}")
        return not reason

    def _scan_together(self, catalog: Catalog, checkov: str) -> None:
        if not checkov:
            raise CommandError("--together scans with checkov: name the program with --checkov.")
        with tempfile.TemporaryDirectory(prefix="infrallm-certify-") as folder:
            scan = together.scanned(catalog, checkov, Path(folder))
        for found in scan.findings:
            self.stdout.write(
                f"FAILED {found.rule} {found.resource} in {found.environment}: {found.name}"
            )
        if scan.findings:
            raise CommandError(f"{len(scan.findings)} checks failed, {scan.passed} passed.")
        self.stdout.write(f"{scan.passed} checks passed, none failed (checkov {scan.version}).")

    def _signer(self, file: Path | None) -> Ed25519PrivateKey | None:
        if file is None:
            self.stdout.write(
                "Without --signing-key nobody vouches for these certificates, and they do not count."
            )
            return None
        return private_key(Path(file))

    def _make_key(self, folder: Path) -> None:
        private, public = new_key(folder)
        self.stdout.write(
            f"{private}: keep it secret and out of the repository.\n"
            f"{public}: name it in CERTIFICATE_PUBLIC_KEYS of each portal that shall trust it."
        )

    def _refresh(self, catalog: Catalog, package: Path) -> None:
        found = (
            rendered
            for each in catalog.types.values()
            for rendered in variants(catalog, each).rendered
        )
        kinds = set[str]().union(*(provider_schema.types_in(one.files) for one in found))
        folder = catalog.folders[-1]
        own = folder == BUILT_IN
        file = provider_schema.FILE if own else provider_schema.schema_file(folder)
        wanted = kinds if own else kinds - provider_schema.load().types.keys()
        schema = provider_schema.extract(package, wanted)
        file.parent.mkdir(exist_ok=True)
        file.write_text(
            json.dumps(schema, separators=(",", ":"), sort_keys=True) + "\n", encoding="utf-8"
        )
        self.stdout.write(
            f"{file}: {len(schema['types'])} kinds of resource of provider {schema['provider']}."
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
