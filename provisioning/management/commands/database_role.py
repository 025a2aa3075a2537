import argparse
from typing import Any

from django.core.management.base import BaseCommand

from provisioning.trail import roles


class Command(BaseCommand):
    help = (
        "Lets a role of Postgres run web and worker, adding to the audit trail and changing nothing in it. "
        "Run it after each migrate, as the tables' owner."
    )

    def add_arguments(self, parser: argparse.ArgumentParser) -> None:
        parser.add_argument("role", help="made where it does not exist")

    def handle(self, *_: Any, role: str, **__: Any) -> None:
        is_new = roles.grant(role)
        self.stdout.write(f"{role} may run web and worker; the trail it can only add to.")
        if is_new:
            self.stdout.write(f"Give it a password: ALTER ROLE {role} PASSWORD '...'")
