"""Four people, and requests in the states that pages show: all made by the product's own functions.

Nothing of Django is imported before a fixture runs: pytest may load this file before Django is configured."""

from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from django.contrib.auth.models import User
    from django.test import Client

    from provisioning.models import ProvisionRequest
    from tests.web.reading import Person, Sent


@pytest.fixture
def person(portal: object, db: None) -> "Person":
    """A developer, or a member of the platform team with `staff`."""
    from django.contrib.auth.models import Group, User

    def create(name: str, *teams: str, staff: bool = False) -> User:
        user = User.objects.create_user(name, f"{name}@example.com", is_staff=staff)
        user.groups.set([Group.objects.get_or_create(name=team)[0] for team in teams])
        return user

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
    from provisioning.requests import services

    def submit(
        text: str = "production Postgres database for payments API",
        user: "User | None" = None,
        **more: str,
    ) -> "ProvisionRequest":
        sender = user or ana
        return services.submit(Submission(text, sender.email, **more), user=sender, source="web")  # type: ignore[arg-type]

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
