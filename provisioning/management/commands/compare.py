from typing import Any

from django.core.management.base import BaseCommand, CommandError

from provisioning.errors import PortalError
from provisioning.pull_requests.comparison import differences


class Command(BaseCommand):
    help = "Says where the database and the repository of pull requests differ, as after a restore; exits with 1 then."
    requires_system_checks = ()

    def handle(self, *_: Any, **__: Any) -> None:
        """Changes nothing, so it may be called at any time; what is under way meanwhile may show as a difference."""
        count = 0
        try:
            for sentence in differences():
                count += 1
                self.stdout.write(sentence)
        except PortalError as error:
            raise CommandError(error.message) from None
        if count:
            raise CommandError(f"{count} differences.", returncode=1)
        self.stdout.write("Database and repository agree.")
