"""`manage.py catalog allowed`: the commands for the people who write resource types."""

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from provisioning import wiring
from provisioning.catalog.load import COMMON
from provisioning.certify import allowed
from provisioning.errors import CatalogError


class Command(BaseCommand):
    help = "Write and check resource types."

    def add_arguments(self, parser: ArgumentParser) -> None:
        verbs = parser.add_subparsers(dest="verb", required=True)
        refresh = verbs.add_parser("allowed", help="write _common/allowed.json again out of cfn-lint's data")
        refresh.add_argument(
            "--from", dest="package", type=Path, required=True, metavar="FOLDER", help="an unpacked cfn-lint"
        )

    def handle(self, *_args: Any, **options: Any) -> None:
        try:
            getattr(self, options["verb"])(options)
        except CatalogError as error:
            raise CommandError(error.message) from error

    def allowed(self, options: dict[str, Any]) -> None:
        found = [root / COMMON for root in wiring.portal().catalog_paths if (root / COMMON / allowed.TABLES).is_file()]
        if not found:
            raise CommandError(f"No folder of CATALOG_PATHS has a {COMMON}/{allowed.TABLES}.")
        regions = [str(region) for region in wiring.catalog().platform.parameters["region"].enum]
        content = allowed.extract(
            allowed.Package(options["package"]), allowed.tables(found[-1] / allowed.TABLES), regions
        )
        (found[-1] / allowed.FILE).write_text(allowed.written(content), encoding="utf-8")
        self.stdout.write(f"{found[-1] / allowed.FILE}: {content['source']}.")
