import os
import socket
import sys
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.db import OperationalError, connection

from infrallm_portal import PROJECT
from infrallm_portal.configuration import Configuration
from provisioning import checks, wiring
from provisioning.operations.connections import shortage
from provisioning.trail import roles

APPLICATION = "infrallm_portal.asgi:application"
STOP_SECONDS = 10  # for running calls, after SIGTERM


class Command(BaseCommand):
    help = "Serves pages and API on HOST and PORT with WEB_PROCESSES of WEB_THREADS each, until SIGTERM."
    requires_system_checks = ()  # they load all pages, which this process does not show

    def handle(self, *_: Any, **__: Any) -> None:
        """Checks what would fail later, then becomes the server."""
        portal = wiring.portal()
        for message in checks.catalog():
            raise CommandError(message.msg)
        try:
            too_few = shortage()
        except OperationalError as error:
            reason = str(error).splitlines()[0]
            self.stderr.write(f"Postgres does not answer yet, pages will say so: {reason}")
        else:
            if too_few:
                raise CommandError(too_few, returncode=2)
            if roles.may_change_the_trail():
                self.stderr.write(roles.WARNING)
        # The process becomes the server; an open connection would stay with it, unused.
        connection.close()
        # Where the server finds the application, whatever folder it was started from.
        os.chdir(PROJECT)
        os.environ["PGAPPNAME"] = f"web {os.getpid()}"  # in pg_stat_activity
        os.execv(sys.executable, _server(portal))  # noqa: S606  # no shell: the arguments are ours


def _server(portal: Configuration) -> list[str]:
    """granian's processes have one thread for sockets; WEB_THREADS are the application's own."""
    listening = ["--host", _numeric(portal.host), "--port", str(portal.port)]
    processes = ["--workers", str(portal.web_processes), "--respawn-failed-workers"]
    ending = ["--workers-kill-timeout", str(STOP_SECONDS)]
    granian = [sys.executable, "-m", "granian", "--interface", "asgi", "--no-ws"]
    return [*granian, *listening, *processes, *ending, APPLICATION]


def _numeric(host: str) -> str:
    """The address of a name, which the server does not look up. Raises `CommandError` for an unknown one."""
    try:
        return str(socket.getaddrinfo(host, None, type=socket.SOCK_STREAM)[0][4][0])
    except OSError as error:
        raise CommandError(f"HOST is {host!r}: {error.strerror}.", returncode=2) from None
