import pytest
from django.contrib.auth.models import User
from django.db import IntegrityError, transaction

from provisioning.domain.identity import Role
from provisioning.identity.people import caller_of_user
from provisioning.models import Person, ProvisionRequest, Team
from provisioning.requests import services
from tests.support.people import make_user

pytestmark = pytest.mark.django_db


def test_each_user_is_a_person_from_the_start() -> None:
    caller = caller_of_user(User.objects.create_user("ana", "Ana@Example.com"))
    assert caller.roles == frozenset()
    assert caller.is_called("ana@example.COM")
    assert caller.is_called("ANA")


def test_the_first_administrator_is_of_the_platform_team_too() -> None:
    root = caller_of_user(User.objects.create_superuser("root"))
    assert root.roles == {Role.ADMIN, Role.PLATFORM}


def test_a_second_user_with_an_address_that_somebody_has_gets_none() -> None:
    first = caller_of_user(User.objects.create_user("ana", "ana@example.com"))
    second = caller_of_user(User.objects.create_user("eve", "ANA@example.com"))
    assert first.is_called("ana@example.com")
    assert not second.is_called("ana@example.com")


def test_two_people_or_teams_cannot_have_one_name_in_two_cases() -> None:
    Team.objects.create(name="Payments")
    with pytest.raises(IntegrityError), transaction.atomic():
        Team.objects.create(name="payments")
    make_user("ana")
    other = Person.objects.get(user=make_user("bob"))
    other.address = "ANA@example.com"
    with pytest.raises(IntegrityError), transaction.atomic():
        other.save()


@pytest.mark.parametrize("requester", ["ana@example.com", "ANA@EXAMPLE.com", "ana", "Ana"])
def test_a_request_in_ones_name_is_seen_whatever_the_case_and_whoever_sent_it(
    requester: str,
) -> None:
    row = ProvisionRequest.objects.create(text="bucket", requester=requester)
    assert services.visible_to(caller_of_user(make_user("ana"))).get() == row
    assert not services.visible_to(caller_of_user(make_user("eve"))).exists()


def test_what_is_seen_and_what_is_decided_is_the_same() -> None:
    from provisioning.domain.identity import Action
    from provisioning.identity import rights

    callers = [
        caller_of_user(make_user("ana", "payments")),
        caller_of_user(make_user("bob", "Search")),
        caller_of_user(make_user("kim", roles=(Role.AUDITOR,))),
        caller_of_user(make_user("root", roles=(Role.ADMIN,))),
    ]
    for requester, team in [
        ("ana", ""),
        ("BOB@example.com", "payments"),
        ("x", "SEARCH"),
        ("x", ""),
    ]:
        ProvisionRequest.objects.create(text="bucket", requester=requester, team=team)
    for caller in callers:
        decided = {
            row.pk
            for row in ProvisionRequest.objects.all()
            if rights.may(caller, Action.SEE, services.target_of(row))
        }
        assert set(services.visible_to(caller).values_list("pk", flat=True)) == decided
