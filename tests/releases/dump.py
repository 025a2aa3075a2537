"""Keeps the schema of a release with data in every state, for the tests of migrations. Once for each release:

    python -m tests.releases.dump NAME

writes tests/releases/NAME.sql. A dump is never changed afterwards: it is what somebody's database looks like.
"""

import argparse
import re
import subprocess
import tempfile
from datetime import timedelta
from pathlib import Path

from infrallm_portal.dev.devdb import Cluster, _as_owner, _binaries
from tests.support import own_settings

FOLDER = Path(__file__).parent
# What only a newer psql or server understands.
FOREIGN = re.compile(r"^(?:\\(?:un)?restrict .*|SET transaction_timeout = 0;)\n", re.MULTILINE)
SHORT = ("--inserts", "--no-owner", "--no-privileges", "--no-comments")
TEXTS = (
    "production Postgres database for payments API",
    "staging S3 bucket for logs and a dev SQS queue called jobs",
    "a database",
    "a pony",
)


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("name")
    chosen = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="infrallm-dump-") as place:
        cluster = Cluster(Path(place) / "postgres")
        cluster.start()
        try:
            own_settings.use(Path(place), cluster.url())
            fill()
            (FOLDER / f"{chosen.name}.sql").write_text(dumped(cluster))
        finally:
            cluster.stop()


def fill() -> None:
    from django.contrib.auth.models import Group, User
    from django.core.management import call_command
    from django.utils import timezone

    from provisioning import wiring
    from provisioning.domain import Submission
    from provisioning.identity.people import caller_of_user
    from provisioning.models import ProvisionRequest
    from provisioning.pull_requests import sync
    from provisioning.requests import services
    from provisioning.requests.tasks import run_request

    call_command("migrate", verbosity=0)
    ana = User.objects.create_user("ana", "ana@example.com", "only for tests")
    ana.groups.add(Group.objects.create(name="payments-team"))

    def submitted(text: str) -> ProvisionRequest:
        submission = Submission(text, "ana", "payments-team", "payments-api")
        return services.submit(submission, caller=caller_of_user(ana))

    def ended(text: str) -> ProvisionRequest:
        row = submitted(text)
        run_request(row.request_id)
        row.refresh_from_db()
        return row

    for text in TEXTS:
        ended(text)
    repository = wiring.local_repository()
    for text, decide in (("merged", repository.merge), ("closed", repository.close)):
        opened = ended(f"staging S3 bucket for {text}").opened
        assert opened is not None
        decide(opened.number, "ada")
        sync.sync_pull_request(opened.pk)
    submitted("staging S3 bucket for waiting")
    later = timezone.now() + timedelta(minutes=1)
    retried = submitted("staging S3 bucket for retried")
    ProvisionRequest.objects.filter(pk=retried.pk).update(
        attempt=2, wake_at=later, error_code="rate_limited"
    )


def dumped(cluster: Cluster) -> str:
    command = [*_as_owner(), str(_binaries() / "pg_dump"), *SHORT, "-d", cluster.url()]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    return FOREIGN.sub("", done.stdout)


if __name__ == "__main__":
    main()
