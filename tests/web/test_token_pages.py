"""Tokens on their page: made once, shown once, revoked at once."""

import re

import pytest
from django.test import Client

from provisioning.domain.identity import Role
from provisioning.identity.tokens import caller_of_token
from provisioning.models import ApiToken
from tests.support.people import make_user

pytestmark = pytest.mark.django_db
NEW = {"name": "ci", "scopes": ["read", "request"], "days": "30"}


def made(page: str) -> str:
    found = re.search(r"infp_[0-9a-f]{8}_[\w-]{43}", page)
    assert found
    return found[0]


@pytest.fixture
def admin(portal: object) -> Client:
    client = Client()
    client.force_login(make_user("root", roles=(Role.ADMIN,)))
    return client


def test_a_token_is_shown_once_and_calls_as_its_maker(pages: Client) -> None:
    answer = pages.post("/settings/tokens", NEW)
    text = made(answer.text)
    assert answer["Cache-Control"] == "no-store, private"
    assert text not in pages.get("/settings/tokens").text
    caller = caller_of_token(text)
    assert caller is not None
    assert (caller.name, caller.client) == ("ana@example.com", "ci")


def test_a_revoked_token_works_no_more(pages: Client) -> None:
    text = made(pages.post("/settings/tokens", NEW).text)
    row = ApiToken.objects.get()
    pages.post(f"/settings/tokens/{row.pk}/revoke")
    assert caller_of_token(text) is None
    assert "revoked" in pages.get("/settings/tokens").text


@pytest.mark.parametrize(
    ("wrong", "says"),
    [
        ({"scopes": ["admin"]}, "admin is not one of the available choices"),
        ({"scopes": []}, "Choose at least one scope."),
        ({"name": ""}, "This field is required."),
        ({"name": "x" * 101}, "at most 100 characters"),
        ({"days": "0"}, "greater than or equal to 1"),
        ({"days": "x"}, "Enter a whole number"),
    ],
)
def test_what_cannot_be_is_named_and_makes_nothing(
    pages: Client, wrong: dict[str, object], says: str
) -> None:
    answer = pages.post("/settings/tokens", NEW | wrong)
    assert answer.status_code == 422
    assert says in answer.text
    assert not ApiToken.objects.exists()


def test_only_administrators_make_tokens_of_services(pages: Client, admin: Client) -> None:
    own = caller_of_token(made(pages.post("/settings/tokens", NEW | {"holder": "service"}).text))
    assert own is not None
    assert not own.is_program
    wanted = NEW | {"holder": "service", "scopes": ["on-behalf-of", "metrics"]}
    service = caller_of_token(made(admin.post("/settings/tokens", wanted).text))
    assert service is not None
    assert service.is_program


def test_somebody_elses_token_is_not_there(pages: Client, admin: Client) -> None:
    admin.post("/settings/tokens", NEW | {"name": "of the root"})
    row = ApiToken.objects.get()
    assert "of the root" not in pages.get("/settings/tokens").text
    assert pages.post(f"/settings/tokens/{row.pk}/revoke").status_code == 404
    assert "of the root" in admin.get("/settings/tokens").text
