"""Administrators invite people, give them roles and teams, and let them go."""

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from typing import TYPE_CHECKING

import pytest
from django.db import connection
from django.test import Client

from provisioning.domain.identity import Role
from tests.support.people import make_user

if TYPE_CHECKING:
    from django.contrib.auth.models import User

pytestmark = pytest.mark.django_db


@pytest.fixture
def root(portal: object) -> "User":
    return make_user("root", roles=(Role.ADMIN,))


@pytest.fixture
def admin_pages(client: Client, root: "User") -> Client:
    client.force_login(root)
    return client


def number_of(user: "User") -> int:
    from provisioning.models import Person

    return Person.objects.get(user=user).pk


def roles_of(user: "User") -> list[str]:
    from provisioning.models import Person

    return list(Person.objects.get(user=user).roles)


def events() -> set[str]:
    from provisioning.models import TrailEvent

    return set(TrailEvent.objects.values_list("action", flat=True))


def test_an_invited_person_sets_a_password_by_a_link_that_works_once(admin_pages: Client) -> None:
    from provisioning.models import Team

    team = Team.objects.create(name="payments")
    form = {"address": "Ana@Example.com", "teams": [team.pk]}
    page = admin_pages.post("/people", form)
    assert page.status_code == 200
    link = page.context["link"]
    assert link in page.content.decode()
    assert link not in admin_pages.get(page.wsgi_request.path).content.decode()

    ana = Client(SERVER_NAME="localhost")
    path = "/" + link.split("/", 3)[3]
    assert ana.get(path).status_code == 200
    short = ana.post(path, {"new_password1": "short", "new_password2": "short"})
    assert short.status_code == 422
    new = {"new_password1": "a long pass phrase", "new_password2": "a long pass phrase"}
    assert ana.post(path, new)["Location"] == "/"
    shown = ana.get("/account").content.decode()
    assert "ana@example.com" in shown
    assert "payments" in shown
    assert Client(SERVER_NAME="localhost").get(path).status_code == 403
    assert {"person.invited", "person.link_made", "person.password_set"} <= events()


@pytest.mark.parametrize(
    ("address", "words"),
    [
        ("ana", "not an e-mail address"),
        ("", "required"),
        ("ROOT@example.com", "Somebody has this address"),
        ("a\x00@example.com", "not an e-mail address"),
    ],
)
def test_an_address_that_cannot_be_invited_is_named(
    admin_pages: Client, address: str, words: str
) -> None:
    page = admin_pages.post("/people", {"address": address})
    assert page.status_code == 422
    assert words in page.content.decode()


def test_roles_and_teams_are_given_and_taken(admin_pages: Client) -> None:
    from provisioning.models import Person, Team, TrailEvent

    ana, team = make_user("ana", "search"), Team.objects.create(name="payments")
    address = f"/people/{number_of(ana)}"
    answer = admin_pages.post(address, {"roles": ["auditor"], "teams": [team.pk]})
    assert answer["Location"] == address
    person = Person.objects.get(user=ana)
    assert person.roles == ["auditor"]
    assert list(person.teams.all()) == [team]
    event = TrailEvent.objects.get(action="person.teams_changed")
    assert event.data == {"before": ["search"], "after": ["payments"]}
    assert event.personal.actor == "root@example.com"
    assert admin_pages.post(address, {"roles": ["king"]}).status_code == 422
    assert admin_pages.get("/people/999999").status_code == 404


def test_a_disabled_person_is_out_at_once_and_may_come_back(admin_pages: Client) -> None:
    ana, browser = make_user("ana"), Client(SERVER_NAME="localhost")
    browser.force_login(ana)
    assert browser.get("/account").status_code == 200
    admin_pages.post(f"/people/{number_of(ana)}/disable")
    assert browser.get("/account").status_code == 302
    admin_pages.post(f"/people/{number_of(ana)}/enable")
    ana.refresh_from_db()
    assert ana.is_active
    assert {"person.disabled", "person.enabled"} <= events()


def test_an_administrator_signs_somebody_out_and_removes_their_factors(admin_pages: Client) -> None:
    from allauth.mfa.models import Authenticator
    from allauth.mfa.totp.internal.auth import TOTP

    ana, browser = make_user("ana"), Client(SERVER_NAME="localhost")
    browser.force_login(ana)
    TOTP.activate(ana, "JBSWY3DPEHPK3PXP")
    page = admin_pages.get(f"/people/{number_of(ana)}").content
    assert b"Remove second factors" in page
    admin_pages.post(f"/people/{number_of(ana)}/factors")
    admin_pages.post(f"/people/{number_of(ana)}/sign-out")
    assert not Authenticator.objects.exists()
    assert browser.get("/account").status_code == 302


@pytest.mark.parametrize("what", ["", "/disable"])
def test_the_last_administrator_stays(admin_pages: Client, root: "User", what: str) -> None:
    page = admin_pages.post(f"/people/{number_of(root)}{what}", follow=True)
    assert "omebody" in str(next(iter(page.context["messages"])))
    root.refresh_from_db()
    assert root.is_active
    assert roles_of(root) == ["admin"]


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("what", ["", "/disable"])
def test_two_administrators_who_remove_each_other_at_once_leave_one(
    root: "User", what: str
) -> None:
    other = make_user("other", roles=(Role.ADMIN,))
    start = Barrier(2)

    def removes(who: "User", whom: "User") -> int:
        browser = Client(SERVER_NAME="localhost")
        browser.force_login(who)
        start.wait()
        try:
            return browser.post(f"/people/{number_of(whom)}{what}").status_code
        finally:
            connection.close()

    with ThreadPoolExecutor(2) as both:
        list(both.map(removes, [root, other], [other, root]))

    for user in (root, other):
        user.refresh_from_db()
    left = [user for user in (root, other) if user.is_active and "admin" in roles_of(user)]
    assert len(left) == 1


@pytest.mark.parametrize("role", [None, Role.PLATFORM, Role.AUDITOR])
@pytest.mark.parametrize("address", ["/people", "/people/1", "/teams", "/teams/1"])
def test_only_administrators_see_people_and_each_refusal_is_an_event(
    client: Client, root: "User", address: str, role: Role | None
) -> None:
    client.force_login(make_user("ana", roles=(role,) if role else ()))
    assert client.get(address).status_code == 403
    assert client.post(address).status_code == 403
    assert "access.denied" in events()
    assert b">People<" not in client.get("/account").content


def test_people_are_found_by_name_address_and_team(admin_pages: Client) -> None:
    make_user("ana", "payments")
    make_user("bob", "search")
    for words in ("ana", "ANA@example", "payments"):
        page = admin_pages.get("/people", {"q": words}).content.decode()
        assert "ana@example.com" in page
        assert "bob@example.com" not in page
    assert b"Nobody matches" in admin_pages.get("/people?q=nobody%00").content


def test_many_people_are_shown_page_by_page(admin_pages: Client) -> None:
    for number in range(60):
        make_user(f"person{number:02}")
    first = admin_pages.get("/people").content.decode()
    assert "person00@" in first
    assert "person59@" not in first
    following = admin_pages.get("/people?after=" + first.split("after=")[1].split('"')[0])
    assert b"person59@" in following.content


def test_a_team_has_names_elsewhere_and_goes_when_it_is_empty(admin_pages: Client) -> None:
    from provisioning.models import Team

    names = {"oidc_groups": "a\n b \n\n", "backstage_ref": "group:default/a", "github_slug": "a"}
    assert admin_pages.post("/teams", {"name": "alpha", **names})["Location"] == "/teams"
    team = Team.objects.get()
    assert team.oidc_groups == ["a", "b"]
    twice = admin_pages.post("/teams", {"name": "ALPHA"})
    assert twice.status_code == 422
    assert b"Another team has this name" in twice.content
    taken = admin_pages.post("/teams", {"name": "beta", "backstage_ref": "group:default/a"})
    assert b"Another team has this name" in taken.content

    admin_pages.post(f"/teams/{team.pk}", {"oidc_groups": "c"})
    team.refresh_from_db()
    assert (team.name, team.oidc_groups, team.backstage_ref) == ("alpha", ["c"], "")
    ana = make_user("ana", "alpha")
    assert b"ana@example.com" in admin_pages.get(f"/teams/{team.pk}").content
    admin_pages.post(f"/teams/{team.pk}/remove")
    assert Team.objects.filter(name="alpha").exists()
    ana.delete()
    admin_pages.post(f"/teams/{team.pk}/remove")
    assert not Team.objects.filter(name="alpha").exists()
    assert {"team.made", "team.changed", "team.removed"} <= events()
