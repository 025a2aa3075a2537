"""`manage.py catalog new | check | render | allowed | prices`: the commands for the people who write resource types."""

from argparse import ArgumentParser
from datetime import date
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from provisioning import wiring
from provisioning.catalog import load_catalog
from provisioning.catalog.load import COMMON
from provisioning.certify import allowed, authoring, price_lists
from provisioning.errors import PortalError


class Command(BaseCommand):
    help = "Write, check and try resource types."
    requires_system_checks = ()  # the catalog's own mistakes are what these commands tell

    def add_arguments(self, parser: ArgumentParser) -> None:
        verbs = parser.add_subparsers(dest="verb", required=True)
        new = verbs.add_parser(
            "new", help="a small folder to begin with, in the last folder of CATALOG_PATHS"
        )
        new.add_argument("type", help="lower-case letters, digits and underscores")
        new.add_argument(
            "--in", dest="root", type=Path, metavar="FOLDER", help="another folder of types"
        )
        verbs.add_parser(
            "check", help="load all folders and make the files of every default and example"
        )
        render = verbs.add_parser("render", help="show the files that an example comes to")
        render.add_argument("type")
        what = render.add_mutually_exclusive_group()
        what.add_argument(
            "--example",
            type=int,
            default=1,
            metavar="N",
            help="the Nth of resource.toml, 1 without it",
        )
        what.add_argument("--text", help="a sentence, read by the embedded parser")
        refresh = verbs.add_parser(
            "allowed", help=f"write {COMMON}/{allowed.FILE} again out of cfn-lint's data"
        )
        package = "an unpacked cfn-lint: the folder that holds its version.py"
        refresh.add_argument(
            "--from", dest="package", type=Path, required=True, metavar="FOLDER", help=package
        )

        imported = verbs.add_parser(
            "prices", help=f"write {COMMON}/{price_lists.FILE} out of AWS's price lists"
        )
        lists = "a folder of offer files (JSON) as AWS's price list API gives them, one per service and region"
        imported.add_argument(
            "--from", dest="lists", type=Path, required=True, metavar="FOLDER", help=lists
        )

    def handle(self, *_args: Any, **options: Any) -> None:
        try:
            getattr(self, f"do_{options['verb']}")(options)
        except PortalError as error:
            raise CommandError(error.message) from error

    def do_new(self, options: dict[str, Any]) -> None:
        root = options["root"] or wiring.portal().catalog_paths[-1]
        folder = authoring.create(root, options["type"])
        load_catalog(tuple(dict.fromkeys((*wiring.portal().catalog_paths, root))))
        self.stdout.write(f"{folder}: change what it says, then manage.py catalog check.")

    def do_check(self, _options: dict[str, Any]) -> None:
        catalog = load_catalog(wiring.portal().catalog_paths)
        for line in authoring.findings(catalog):
            self.stdout.write(line)
        self.stdout.write(f"{len(catalog.types)} resource types without a mistake.")

    def do_render(self, options: dict[str, Any]) -> None:
        catalog = load_catalog(wiring.portal().catalog_paths)
        resource_type = catalog.types.get(options["type"])
        if resource_type is None:
            raise CommandError(
                f"There is no type {options['type']!r}; there are {', '.join(catalog.types)}."
            )
        text = options["text"]
        generated = (
            authoring.asked(catalog, text)
            if text
            else authoring.example(catalog, resource_type, options["example"])
        )
        for resource in generated.resources:
            for name, content in resource.files.items():
                self.stdout.write(f"# {resource.directory}/{name}\n{content}")

    def do_allowed(self, options: dict[str, Any]) -> None:
        paths = wiring.portal().catalog_paths
        found = [root / COMMON for root in paths if (root / COMMON / allowed.TABLES).is_file()]
        if not found:
            raise CommandError(f"No folder of CATALOG_PATHS has a {COMMON}/{allowed.TABLES}.")
        regions = [str(region) for region in load_catalog(paths).platform.parameters["region"].enum]
        content = allowed.extract(
            allowed.Package(options["package"]), allowed.tables(found[-1] / allowed.TABLES), regions
        )
        (found[-1] / allowed.FILE).write_text(allowed.written(content), encoding="utf-8")
        self.stdout.write(f"{found[-1] / allowed.FILE}: {content['source']}.")

    def do_prices(self, options: dict[str, Any]) -> None:
        paths = wiring.portal().catalog_paths
        found = [root / COMMON for root in paths if (root / COMMON / price_lists.OFFERS).is_file()]
        if not found:
            raise CommandError(f"No folder of CATALOG_PATHS has a {COMMON}/{price_lists.OFFERS}.")
        offers = price_lists.offers(found[-1] / price_lists.OFFERS)
        content = price_lists.imported(options["lists"], offers, date.today())
        file = paths[-1] / COMMON / price_lists.FILE
        file.parent.mkdir(exist_ok=True)
        file.write_text(price_lists.written(content), encoding="utf-8")
        total = sum(map(len, content.regions.values()))
        self.stdout.write(
            f"{file}: {total} prices of {content.date} in {', '.join(content.regions)}."
        )
