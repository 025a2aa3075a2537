"""What a test asks of a database that was just migrated, in a process whose settings name it. Prints JSON."""

import json
import sys

import django

django.setup()

from django.contrib.auth.models import User  # noqa: E402
from django.db import connection  # noqa: E402
from django.test import Client  # noqa: E402

from provisioning.models import UNFINISHED, ProvisionRequest, PullRequest  # noqa: E402
from provisioning.requests.tasks import run_request  # noqa: E402


def main() -> None:
    pages = {page: _status(page) for page in _pages()}
    before = dict(ProvisionRequest.objects.values_list("request_id", "status"))
    for row in ProvisionRequest.objects.filter(status__in=UNFINISHED):
        ProvisionRequest.objects.filter(pk=row.pk).update(wake_at=None)
        run_request(row.request_id)
    after = dict(ProvisionRequest.objects.values_list("request_id", "status"))
    found = {
        "before": before,
        "after": after,
        "pages": pages,
        "pulls": list(PullRequest.objects.order_by("pk").values_list("state", flat=True)),
        "queued": _queued(),
    }
    sys.stdout.write(json.dumps(found))


def _pages() -> list[str]:
    rows = ProvisionRequest.objects.values_list("request_id", flat=True)
    return ["/requests", "/pulls", *(f"/requests/{request_id}" for request_id in rows)]


def _status(page: str) -> int:
    client = Client()
    client.force_login(User.objects.get(username="ana"))
    return client.get(page, headers={"host": "localhost"}).status_code


def _queued() -> int:
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM django_q_ormq")
        return int(cursor.fetchone()[0])


if __name__ == "__main__":
    main()
