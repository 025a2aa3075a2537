import argparse
import logging
from importlib import import_module
from pathlib import Path
from typing import Any, cast

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.db import DatabaseError, connection
from psycopg import OperationalError

from infrallm_portal import configuration
from provisioning import checks, wiring
from provisioning.queue.broker import lanes
from provisioning.queue.pooling import SharedSessionError, refuse_shared_sessions
from provisioning.queue.sentinel import Sentinel, WorkerPlan
from provisioning.queue.supervisor import supervise
from provisioning.trail import record, roles
from provisioning.trail.record import TrailEntry

logger = logging.getLogger(__name__)


class Command(BaseCommand):
    help = "Runs queued tasks until SIGTERM. Exits with 70 when one of its processes died; --restart starts it again instead."
    requires_system_checks = ()  # they load all pages, which a worker never shows

    def add_arguments(self, parser: argparse.ArgumentParser) -> None:
        parser.add_argument(
            "--restart",
            action="store_true",
            help="come back after an unexpected death, without a supervisor",
        )
        parser.add_argument(
            "--lane",
            action="append",
            type=_lane,
            metavar="NAME=PLACES",
            help="only these lanes, repeatable",
        )
        parser.add_argument(
            "--stop-within",
            type=float,
            default=25.0,
            metavar="SECONDS",
            help="for running tasks, after SIGTERM",
        )
        parser.add_argument(
            "--hung-after",
            type=float,
            default=30.0,
            metavar="SECONDS",
            help="without a sign of life, a process counts as dead",
        )
        parser.add_argument(
            "--liveness-file",
            type=Path,
            metavar="PATH",
            help="touched once a second while all is well",
        )

    def handle(self, *_: Any, **options: Any) -> None:
        """Imports and opens what tasks need before the fork: each worker's first task would wait a second for it."""
        import_module("provisioning.requests.tasks")
        for message in checks.catalog():
            raise CommandError(message.msg)
        try:
            refuse_shared_sessions()
        except SharedSessionError as error:
            raise CommandError(str(error)) from None
        except OperationalError as error:
            # A warning and no end: machines start in any order, and the worker tries again.
            logger.warning("Postgres does not answer yet: %s", str(error).splitlines()[0])
        _note_start()
        for preload in (wiring.parser, wiring.checker, wiring.pull_requests):
            preload()
        plan = WorkerPlan(
            places=dict(options["lane"] or lanes()),
            at_first=cast(list[str], settings.Q_CLUSTER["at_first"]),
            every=cast(dict[str, float], settings.Q_CLUSTER["every"]),
            stop_within=options["stop_within"],
            hung_after=options["hung_after"],
            liveness_file=options["liveness_file"],
        )
        raise SystemExit(supervise(plan) if options["restart"] else Sentinel(plan).run())


def _note_start() -> None:
    """An event with the settings, and a warning where the role may do too much. The connection is closed before the fork: two
    processes cannot share it."""
    try:
        if roles.may_change_the_trail():
            logger.warning(roles.WARNING)
        told = configuration.recorded_settings(wiring.portal())
        record.record(TrailEntry("portal.started", "settings", data=told))
    except DatabaseError as error:
        logger.warning("The start is not in the trail: %s", str(error).splitlines()[0])
    finally:
        connection.close()


def _lane(text: str) -> tuple[str, int]:
    name, _, places = text.partition("=")
    if name not in lanes() or not places.isdigit() or int(places) < 1:
        raise argparse.ArgumentTypeError(
            f"{text!r} is not NAME=PLACES with one of the lanes {', '.join(lanes())}"
        )
    return name, int(places)
