"""`manage.py audit`: is the trail what was sealed, what is kept of it elsewhere, and what is forgotten by rule."""

import argparse
from collections.abc import Callable
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from provisioning.trail import checkpoints, evidence, heads, retention
from provisioning.trail.heads import WitnessError
from provisioning.trail.seal import seal_committed
from provisioning.trail.verify import verify


class Command(BaseCommand):
    help = "Seals and verifies the trail, keeps proofs of it, and forgets by rule."

    def add_arguments(self, parser: argparse.ArgumentParser) -> None:
        commands = parser.add_subparsers(dest="command", required=True)
        proof = commands.add_parser(
            "verify", help="name the first record that is not what was sealed"
        )
        proof.add_argument(
            "--against", type=Path, metavar="CLONE", help="a clone whose commits hold heads"
        )
        proof.add_argument(
            "--checkpoints", type=Path, metavar="FILE", help="checkpoints that were kept elsewhere"
        )
        commands.add_parser("seal", help="seal what is committed, as the worker does by itself")
        commands.add_parser("checkpoint", help="sign where the chain stands and print it")
        packed = commands.add_parser(
            "evidence", help="write an archive that an auditor checks offline"
        )
        packed.add_argument("--from", type=date.fromisoformat, required=True, dest="since")
        packed.add_argument("--to", type=date.fromisoformat, required=True, dest="until")
        packed.add_argument("--output", type=Path, default=Path("evidence.zip"))
        old = commands.add_parser("drop", help="drop whole days; only the tables' owner may")
        old.add_argument("--before", type=date.fromisoformat, required=True)
        person = commands.add_parser(
            "erase", help="take a person's details out; only the tables' owner may"
        )
        person.add_argument("name", help="as it stands in the trail")

    def handle(self, *_: Any, command: str, **options: Any) -> None:
        acts: dict[str, Callable[..., None]] = {
            "verify": self._verify,
            "seal": self._seal,
            "checkpoint": self._checkpoint,
            "evidence": self._evidence,
            "drop": self._drop,
            "erase": self._erase,
        }
        try:
            acts[command](options)
        except WitnessError as error:
            # 2: the proof could not be tried. 1 says that it failed.
            raise CommandError(str(error), returncode=2) from None

    def _seal(self, _: dict[str, Any]) -> None:
        self.stdout.write(f"Sealed {seal_committed()} events.")

    def _verify(self, options: dict[str, Any]) -> None:
        """Ends with 1 where something is wrong."""
        verdict = verify(_witnesses(options))
        if verdict.fault:
            raise CommandError(verdict.fault, returncode=1)
        self.stdout.write(
            f"{verdict.sealed:,} records are as they were sealed; the head is {verdict.head}."
        )
        if verdict.witnessed:
            self.stdout.write(
                f"Up to record {verdict.witnessed:,} that is proved by what was kept elsewhere."
            )
        else:
            self.stdout.write(
                "Nothing kept elsewhere was compared: a chain made anew would look the same."
            )
        if verdict.unsealed:
            self.stdout.write(
                f"{verdict.unsealed:,} events of the last seconds are not sealed yet."
            )
        if verdict.erased:
            self.stdout.write(f"Of {verdict.erased:,} the personal details were erased.")

    def _checkpoint(self, _: dict[str, Any]) -> None:
        made = checkpoints.make()
        if made is None:
            raise CommandError("Nothing was sealed since the last checkpoint.", returncode=1)
        self.stdout.write(checkpoints.as_line(made))

    def _evidence(self, options: dict[str, Any]) -> None:
        since, until = (_midnight(options[name]) for name in ("since", "until"))
        count = evidence.write(options["output"], since, until)
        if not count:
            raise CommandError("No record is of these days.", returncode=1)
        self.stdout.write(f"{count:,} records are in {options['output']}.")

    def _drop(self, options: dict[str, Any]) -> None:
        self.stdout.write(f"Dropped {retention.drop_before(options['before']):,} records.")

    def _erase(self, options: dict[str, Any]) -> None:
        self.stdout.write(f"Erased the details of {retention.erase(options['name']):,} events.")


def _witnesses(options: dict[str, Any]) -> dict[int, str]:
    """By record. Two that contradict each other cannot both be right: the later one in this order is compared."""
    known: dict[int, str] = {}
    if options["against"]:
        known |= heads.of_clone(options["against"])
    if options["checkpoints"]:
        try:
            lines = options["checkpoints"].read_text(encoding="utf-8").splitlines()
        except (OSError, UnicodeDecodeError) as error:
            raise WitnessError(f"{options['checkpoints']}: {error}") from None
        known |= heads.of_checkpoints(lines, checkpoints.public_key())
    return known


def _midnight(day: date) -> datetime:
    return datetime(day.year, day.month, day.day, tzinfo=UTC)
