"""`make run`: the whole portal on one machine, from database to worker, and nothing left of it afterwards."""

import argparse
import logging
import os
import secrets
import signal
import sys
import time
from collections.abc import Callable
from contextlib import ExitStack
from functools import partial
from typing import Any
from urllib.parse import urljoin

from django.contrib.auth.models import User
from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError
from django.db import OperationalError, connection

from infrallm_portal.database import embedded
from infrallm_portal.dev import children, single
from infrallm_portal.dev.addresses import address, is_served, why_not_free
from infrallm_portal.dev.children import Child
from infrallm_portal.dev.devdb import FAST_STOP, Cluster, DatabaseError
from infrallm_portal.dev.watchdog import Watchdog
from provisioning import wiring
from provisioning.domain import Submission
from provisioning.identity import one_time
from provisioning.identity.people import caller_of_user
from provisioning.models import Person, ProvisionRequest, Status, Team
from provisioning.queue.channels import SharedEvent, wait
from provisioning.requests import services
from provisioning.trail import roles

EXAMPLE = Submission(
    text="production Postgres database for payments API",
    requester="admin",
    team="payments-team",
    service="payments-api",
)
APPLICATION = "portal_app"  # the role of web and worker
# Ctrl-C, a supervisor, and a terminal that was closed.
STOPPING = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
# Short enough for somebody who waits before the terminal, rare enough to cost nothing all day.
LOOK_SECONDS = 0.5


class StopRequested(Exception):
    """Somebody asked for the end."""


class Command(BaseCommand):
    help = "Runs the whole portal on this machine: database, web server and worker. Ctrl-C ends it."

    def add_arguments(self, parser: argparse.ArgumentParser) -> None:
        parser.add_argument(
            "--with-parent",
            action="store_true",
            help="end when the process that started this one ends",
        )

    def handle(self, *_: Any, with_parent: bool, **__: Any) -> None:
        # It tells each task, and the terminal is for a person.
        logging.getLogger("django-q").setLevel(logging.WARNING)
        self.portal = wiring.portal()
        self.parent = os.getppid() if with_parent else None
        self.stop = SharedEvent()
        for number in STOPPING:
            signal.signal(number, lambda *_: self.stop.set())
        self.children: list[Child] = []
        self.is_database_alive: Callable[[], bool] = lambda: True  # not ours with DATABASE_URL
        with ExitStack() as leaving:
            try:
                self.run(leaving)
            except StopRequested:
                self.say("Stopping ...")

    def run(self, leaving: ExitStack) -> None:
        watchdog = self.take_folder(leaving)
        self.refuse_taken_port()
        self.say("Starting the database ...")
        self.start_database(leaving, watchdog)
        self.say("Bringing its tables up to date ...")
        self.migrate()
        # After the migration: a grant holds for the tables that are there.
        self.separate_roles()
        password = self.first_administrator()
        self.say("Starting web server and worker ...")
        self.start_children(leaving, watchdog)
        self.until(lambda: is_served(self.portal.host, self.portal.port))
        self.say(f"InfraLLM Portal: {self.url()}")
        self.say(f"Data and logs:   {self.portal.data_dir}")
        self.say_how_to_sign_in(password)
        if not ProvisionRequest.objects.exists():
            self.show_example()
        self.say("Ctrl-C stops it.")
        self.until(lambda: False)

    def take_folder(self, leaving: ExitStack) -> Watchdog:
        try:
            lock = leaving.enter_context(single.acquire_data_dir(self.portal.data_dir))
        except single.AlreadyRunningError as running:
            message = f"A portal runs already with the data in {self.portal.data_dir} (process {running.pid})."
            raise CommandError(
                f"{message} Stop it, or set DATA_DIR and PORT.", returncode=2
            ) from None
        watchdog = Watchdog(lock)
        leaving.callback(watchdog.dismiss)
        return watchdog

    def refuse_taken_port(self) -> None:
        host, port = self.portal.host, self.portal.port
        if why := why_not_free(host, port):
            message = f"Cannot listen on {address(host, port)}: {why}."
            raise CommandError(f"{message} Choose another port: PORT={port + 1}", returncode=2)

    def start_database(self, leaving: ExitStack, watchdog: Watchdog) -> None:
        if self.portal.database_url:
            return
        cluster = embedded(self.portal)
        self.start_cluster(cluster, watchdog)
        leaving.callback(cluster.stop)
        self.restart_database = partial(self.start_cluster, cluster, watchdog)
        self.is_database_alive = lambda: cluster.is_alive

    def start_cluster(self, cluster: Cluster, watchdog: Watchdog) -> None:
        try:
            watchdog.guard(cluster.start(), FAST_STOP)
        except DatabaseError as error:
            raise CommandError(str(error), returncode=2) from None

    def look_after_database(self) -> None:
        """Web server and worker connect again by themselves."""
        if self.is_database_alive():
            return
        self.stderr.write("The embedded Postgres ended unexpectedly; it is started again.")
        connection.close()
        self.restart_database()

    def say_how_to_sign_in(self, password: str | None) -> None:
        if password:
            self.say(f"Sign in as admin with the password {password} (it is shown only this once)")
        admin = User.objects.filter(is_superuser=True, is_active=True).order_by("pk").first()
        if admin is None:
            self.say("Nobody administers this portal: manage.py createsuperuser makes somebody.")
            return
        name = admin.get_username()
        self.say(f"Signed in as {name} by this link, once: {self.url(one_time.path_for(admin))}")
        self.say(f"A new password: {sys.executable} manage.py changepassword {name}")

    def migrate(self) -> None:
        try:
            call_command("migrate", verbosity=0)
        except OperationalError as error:
            reason = str(error).splitlines()[0]
            raise CommandError(
                f"DATABASE_URL: the database cannot be used: {reason}", returncode=2
            ) from None

    def separate_roles(self) -> None:
        """Web and worker add to the trail of the embedded database and change nothing in it; this process owns its tables."""
        if self.portal.database_url:
            return
        roles.grant(APPLICATION)
        os.environ["DATABASE_URL"] = embedded(self.portal).url(user=APPLICATION)

    def first_administrator(self) -> str | None:
        if User.objects.exists():
            return None
        # 96 bits: nobody guesses it, and somebody can still type it.
        password = secrets.token_urlsafe(12)
        admin = User.objects.create_superuser("admin", password=password)
        team, _ = Team.objects.get_or_create(name=EXAMPLE.team)
        Person.objects.get(user=admin).teams.add(team)
        return password

    def start_children(self, leaving: ExitStack, watchdog: Watchdog) -> None:
        logs = self.portal.data_dir / "log"
        logs.mkdir(exist_ok=True)
        connection.close()
        leaving.callback(children.stop, self.children)
        for name, command in children.commands().items():
            self.children.append(children.start(name, command, logs, watchdog))

    def until(self, done: Callable[[], bool], every: float = LOOK_SECONDS) -> None:
        """Raises `StopRequested` on request, and `CommandError` when one of the processes has ended."""
        while not done():
            if wait([self.stop], every) or self.orphaned():
                raise StopRequested
            self.look_after_database()
            for child in self.children:
                self.look_after(child)

    def orphaned(self) -> bool:
        return self.parent is not None and os.getppid() != self.parent

    def look_after(self, child: Child) -> None:
        for line in child.errors():
            self.stderr.write(f"{child.name}: {line}")
        if child.ended:
            words = f"The {child.name} process ended ({child.process.returncode}). Its last words, from {child.log}:"
            raise CommandError(f"{words}\n{child.last_words()}")

    def show_example(self) -> None:
        """The example through the real queue and pipeline; its events as they are written."""
        owner = User.objects.filter(is_superuser=True).order_by("pk").first()
        caller = caller_of_user(owner) if owner else None
        example = services.submit(EXAMPLE, caller=caller, source="example")
        self.say(f"A first request: {EXAMPLE.text}")
        began, shown = time.monotonic(), 0

        def done() -> bool:
            nonlocal shown
            for event in example.events.filter(version__gt=shown).order_by("version"):
                shown = event.version
                label = Status(event.status).label
                self.say(f"  {time.monotonic() - began:5.1f} s  {label:26}{event.detail}")
            example.refresh_from_db()
            return example.finished

        self.until(done, every=0.1)
        self.say(f"Request:         {self.url(f'/requests/{example.request_id}')}")
        if example.opened:
            self.say(f"Pull request:    {self.url(example.opened.url)}")

    def url(self, path: str = "/") -> str:
        return urljoin(self.portal.public_url or "", path)

    def say(self, line: str) -> None:
        self.stdout.write(line)
        self.stdout.flush()
