"""`manage.py audit verify`: is the trail what was sealed?"""

import argparse
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from provisioning.trail.seal import seal_committed
from provisioning.trail.verify import verify


class Command(BaseCommand):
    help = "Seals and verifies the trail."

    def add_arguments(self, parser: argparse.ArgumentParser) -> None:
        commands = parser.add_subparsers(dest="command", required=True)
        commands.add_parser("verify", help="name the first record that is not what was sealed")
        commands.add_parser("seal", help="seal what is committed, as the worker does by itself")

    def handle(self, *_: Any, command: str, **__: Any) -> None:
        if command == "seal":
            self.stdout.write(f"Sealed {seal_committed()} events.")
        else:
            self._verify()

    def _verify(self) -> None:
        """Ends with 1 where something is wrong."""
        verdict = verify()
        if verdict.fault:
            raise CommandError(verdict.fault, returncode=1)
        self.stdout.write(
            f"{verdict.sealed:,} records are as they were sealed; the head is {verdict.head}."
        )
        if verdict.unsealed:
            self.stdout.write(
                f"{verdict.unsealed:,} events of the last seconds are not sealed yet."
            )
        if verdict.erased:
            self.stdout.write(f"Of {verdict.erased:,} the personal details were erased.")
