"""Four people, and requests in the states that pages show: all made by the product's own functions.

Nothing of Django is imported before a fixture runs: pytest may load this file before Django is configured."""

from typing import TYPE_CHECKING

import pytest

from provisioning.domain.identity import Role
from tests.support.people import make_user

if TYPE_CHECKING:
    from django.contrib.auth.models import User
    from django.test import Client

    from provisioning.models import ProvisionRequest
    from tests.web.reading import Person, Sent


@pytest.fixture
def person(portal: object, db: None) -> "Person":
    """A developer, or a member of the platform team with `staff`."""

    def create(name: str, *teams: str, staff: bool = False) -> "User":
        return make_user(name, *teams, roles=(Role.PLATFORM,) if staff else ())

    return create


@pytest.fixture
def ana(person: "Person") -> "User":
    return person("ana", "payments-team")


@pytest.fixture
def pages(ana: "User", client: "Client") -> "Client":
    """Ana's browser."""
    client.force_login(ana)
    return client


@pytest.fixture
def sent(ana: "User") -> "Sent":
    """A request of Ana's, or of `user`, as it is before a worker has it."""
    from provisioning.domain import Submission
    from provisioning.identity.people import caller_of_user
    from provisioning.requests import services

    def submit(
        text: str = "production Postgres database for payments API",
        user: "User | None" = None,
        **more: str,
    ) -> "ProvisionRequest":
        sender = user or ana
        submission = Submission(text, sender.email, **more)  # type: ignore[arg-type]
        return services.submit(submission, caller=caller_of_user(sender), source="web")

    return submit


@pytest.fixture
def ended(sent: "Sent") -> "Sent":
    """The same after a worker had it."""
    from provisioning.models import ProvisionRequest
    from provisioning.requests import tasks

    def run(
        text: str = "production Postgres database for payments API", **more: str
    ) -> ProvisionRequest:
        row = sent(text, **more)
        tasks.run_request(row.request_id)
        return ProvisionRequest.objects.get(pk=row.pk)

    return run
