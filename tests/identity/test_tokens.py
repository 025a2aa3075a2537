from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from provisioning.domain.identity import Action, IdentitySource, Scope
from provisioning.identity import rights, tokens
from provisioning.identity.tokens import Holder
from provisioning.models import ApiToken, Person, ProvisionRequest, Team
from provisioning.requests import services
from tests.support.people import make_user

pytestmark = pytest.mark.django_db
READ = frozenset({Scope.READ})


SERVICE = Holder()


def issued(holder: Holder = SERVICE, scopes: frozenset[Scope] = READ, **more: object) -> str:
    return tokens.issue("ci", scopes, holder, "root", **more)[1]  # type: ignore[arg-type]


def test_a_token_is_256_random_bits_and_only_its_digest_is_stored() -> None:
    text = issued()
    assert text.startswith("infp_")
    assert len(text.split("_")[2]) >= 43 or len(text) >= 56
    row = ApiToken.objects.values().get()
    assert text not in str(row)
    assert row["prefix"] in text


def test_a_services_token_calls_as_itself() -> None:
    caller = tokens.caller_of_token(issued())
    assert caller is not None
    assert (caller.source, caller.client, caller.is_program) == (IdentitySource.TOKEN, "ci", True)
    assert caller.scopes == READ


def test_a_services_token_may_be_limited_to_a_team() -> None:
    team = Team.objects.create(name="payments")
    for name in ("Payments", "search", ""):
        ProvisionRequest.objects.create(text="bucket", requester="ana", team=name)
    caller = tokens.caller_of_token(issued(Holder(team=team)))
    assert caller is not None
    assert [row.team for row in services.visible_to(caller)] == ["Payments"]
    seen = {
        row.team
        for row in ProvisionRequest.objects.all()
        if rights.may(caller, Action.SEE, services.target_of(row))
    }
    assert seen == {"Payments"}


def test_a_persons_token_calls_as_the_person() -> None:
    owner = Person.objects.get(user=make_user("ana", "payments"))
    caller = tokens.caller_of_token(issued(Holder(owner)))
    assert caller is not None
    assert (caller.name, caller.client, caller.teams) == ("ana@example.com", "ci", ("payments",))


def test_a_token_of_a_disabled_person_is_no_token() -> None:
    user = make_user("ana")
    text = issued(Holder(Person.objects.get(user=user)))
    user.is_active = False
    user.save()
    assert tokens.caller_of_token(text) is None


def test_revoked_and_expired_tokens_are_refused_at_once() -> None:
    stored, text = tokens.issue("ci", READ, Holder(), "root")
    assert tokens.caller_of_token(text) is not None
    tokens.revoke(stored)
    assert tokens.caller_of_token(text) is None
    assert tokens.caller_of_token(issued(expires_at=timezone.now() - timedelta(seconds=1))) is None
    assert tokens.caller_of_token(issued(expires_at=timezone.now() + timedelta(hours=1)))


@pytest.mark.parametrize("change", ["", "x", "infp_", "infp_00000000_", "\x00", "é" * 40])
def test_what_is_no_token_is_refused(change: str) -> None:
    issued()
    assert tokens.caller_of_token(change) is None
    assert tokens.caller_of_token(issued() + change + "x") is None


def test_a_use_is_noted_once_a_minute_and_not_at_each_call() -> None:
    text = issued()
    tokens.caller_of_token(text)
    first = ApiToken.objects.get().last_used_at
    tokens.caller_of_token(text)
    assert first is not None
    assert ApiToken.objects.get().last_used_at == first


def test_the_api_takes_a_token_and_says_which_scope_is_missing(
    client: Client, portal: object
) -> None:
    portal(demo=False)  # type: ignore[operator]
    ProvisionRequest.objects.create(text="bucket", requester="ana")
    headers = {"Authorization": f"Bearer {issued()}"}
    listed = client.get("/api/v1/requests?user=ANA", headers=headers)
    assert (listed.status_code, listed.json()["count"]) == (200, 1)
    body = {"request": "staging S3 bucket for logs", "requester": "ana"}
    refused = client.post("/api/v1/dry-run", body, content_type="application/json", headers=headers)
    assert refused.status_code == 403
    assert refused.json()["detail"] == "The token needs the scope request for this."
    assert client.get("/metrics", headers=headers).status_code == 403


def test_naming_a_requester_needs_the_scope(client: Client, portal: object) -> None:
    portal(demo=False)  # type: ignore[operator]
    body = {"request": "staging S3 bucket for logs", "requester": "ana@example.com"}

    def sent(*scopes: Scope) -> int:
        headers = {"Authorization": f"Bearer {issued(scopes=frozenset(scopes))}"}
        return client.post(
            "/api/v1/provision", body, content_type="application/json", headers=headers
        ).status_code

    assert sent(Scope.REQUEST) == 422
    assert sent(Scope.REQUEST, Scope.ON_BEHALF_OF) == 200
    row = ProvisionRequest.objects.get()
    assert (row.requester, row.identity_source, row.acting_client) == (
        "ana@example.com",
        "token",
        "ci",
    )
