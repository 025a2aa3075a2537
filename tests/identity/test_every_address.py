"""Who may call what: each address of the site, by each kind of caller, at somebody's request.

The addresses come from the URL configuration, so that one without a rule fails here.
"""

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver

from provisioning.models import TrailEvent
from tests.identity.address_rules import BODIES, RULES, Rule
from tests.identity.world import CALLERS, NO_GOOD, TOKENS, World, build

pytestmark = pytest.mark.django_db
REFUSED = {403: "refused", 404: "unseen", 401: "sign in"}


def addresses(resolver: URLResolver, before: str = "") -> Iterator[str]:
    for pattern in resolver.url_patterns:
        address = before + str(pattern.pattern)
        if isinstance(pattern, URLPattern):
            yield address
        else:
            yield from addresses(pattern, address)


def test_each_address_has_a_rule_and_each_rule_an_address() -> None:
    assert {rule.address for rule in RULES} == set(addresses(get_resolver()))


def test_no_rule_names_somebody_who_does_not_exist() -> None:
    assert {who for rule in RULES for who in rule.may} <= set(CALLERS)


@pytest.fixture
def world(portal: Callable[..., None]) -> World:
    return build(portal)


@pytest.mark.parametrize("who", CALLERS)
def test_everybody_may_what_the_rules_say_and_each_refusal_is_an_event(
    world: World, who: str
) -> None:
    told = {(rule.method, rule.address): outcome(world, who, rule) for rule in RULES}
    expected = {(rule.method, rule.address): expected_of(who, rule) for rule in RULES}
    wrong = {key: (told[key], expected[key]) for key in told if told[key] != expected[key]}
    assert wrong == {}


def expected_of(who: str, rule: Rule) -> tuple[str, int]:
    """What is answered, and how many refusals are recorded."""
    if who in rule.may:
        return ("unseen" if rule.leads_nowhere else "may"), 0
    return expected_refusal(who, rule)


def expected_refusal(who: str, rule: Rule) -> tuple[str, int]:
    if rule.is_signed or (rule.programs_only and who not in TOKENS):
        return "sign in", 0
    if who in NO_GOOD and rule.takes_tokens:
        return "sign in", 1
    if who == "anonymous" or (who in TOKENS and not rule.takes_tokens):
        return "sign in", 0
    if not rule.is_answered_to(who) or who in rule.seen_by:
        return "refused", 1
    return rule.refusal, 1


def outcome(world: World, who: str, rule: Rule) -> tuple[str, int]:
    client, headers = world.call_as(who)
    before = refusals()
    answer = called(client, rule, world, headers)
    return meaning(answer), refusals() - before


def called(client: Client, rule: Rule, world: World, headers: dict[str, str]) -> Any:
    address = rule.filled(world.places)
    if rule.method == "GET":
        return client.get(address, headers=headers)
    body = BODIES.get(rule.address, {})
    if rule.takes_tokens:
        return client.post(address, body, content_type="application/json", headers=headers)
    return client.post(address, body, headers=headers)


def meaning(answer: Any) -> str:
    if answer.status_code in REFUSED:
        return REFUSED[answer.status_code]
    if answer.status_code == 302 and answer["Location"].startswith("/login?"):
        return "sign in"
    assert answer.status_code < 500
    return "may"


def refusals() -> int:
    return TrailEvent.objects.filter(action__in=("access.denied", "token.refused")).count()


# They answer any method and change nothing for one of these.
INDIFFERENT = {"login", "login/once/<int:pk>/<str:token>", "openapi.json", "docs"}
UNSAFE = ("POST", "PUT", "PATCH", "DELETE")


@pytest.mark.parametrize("who", ["platform", "admin"])
def test_no_address_takes_a_method_that_no_rule_names(world: World, who: str) -> None:
    known = {(rule.method, rule.address) for rule in RULES}
    others = [
        (method, rule)
        for rule in RULES
        for method in UNSAFE
        if (method, rule.address) not in known
        and rule.address not in INDIFFERENT
        and not rule.is_djangos
    ]
    client, _ = world.call_as(who)
    taken = [
        (method, rule.address)
        for method, rule in others
        if client.generic(method, rule.filled(world.places)).status_code != 405
    ]
    assert taken == []
