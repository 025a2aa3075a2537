"""`manage.py retry_failed --since 2026-11-28T10:00`: what an outage failed, once more."""

from argparse import ArgumentParser
from datetime import UTC, datetime
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from provisioning.requests.services import FailureWindow, outside_codes, retry_failed


class Command(BaseCommand):
    help = "Try the requests again that failed in a window of time because of a service outside."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "--since", required=True, help="2026-11-28T10:00, UTC without an offset"
        )
        parser.add_argument("--until", default="", help="the same; now without it")
        parser.add_argument(
            "--code", action="append", default=[], help="an error code; may be repeated"
        )
        parser.add_argument("--dry-run", action="store_true", help="list them and change nothing")

    def handle(self, *_args: Any, **options: Any) -> None:
        unknown = sorted(set(options["code"]) - outside_codes())
        if unknown:
            allowed = ", ".join(sorted(outside_codes()))
            raise CommandError(f"--code {unknown[0]!r} is not from outside; there are {allowed}.")
        until = _instant("--until", options["until"]) if options["until"] else timezone.now()
        window = FailureWindow(
            _instant("--since", options["since"]), until, frozenset(options["code"])
        )
        dry = options["dry_run"]
        rows = window.requests() if dry else retry_failed(window, "operator")
        for row in rows:
            self.stdout.write(f"{row.request_id} {row.error_code}".rstrip())
        self.stdout.write(f"{len(rows)} {'would be' if dry else 'are'} queued again.")


def _instant(option: str, text: str) -> datetime:
    try:
        moment = datetime.fromisoformat(text)
    except ValueError as error:
        raise CommandError(f"{option} is {text!r}; write for example 2026-11-28T10:00.") from error
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)
