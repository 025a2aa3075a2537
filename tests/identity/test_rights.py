"""Who may do what. The table is checked whole: role by action by whose it is."""

from itertools import product

import pytest

from provisioning.domain.identity import Action, Caller, IdentitySource, Role, Scope, Target
from provisioning.identity import rights

OWN = Target("ana@example.com", team="payments")
OF_THE_TEAM = Target("bob@example.com", team="Payments")
STRANGE = Target("eve@example.com", team="search")
TARGETS = {"own": OWN, "team": OF_THE_TEAM, "strange": STRANGE}

# For people: what each may do with whose, beside what everybody may.
EXPECTED = {
    None: {
        Action.SEE: {"own", "team"},
        Action.CANCEL: {"own", "team"},
        Action.RETRY: {"own", "team"},
        Action.ANSWER: {"own", "team"},
    },
    Role.PLATFORM: {
        Action.SEE: {"own", "team", "strange"},
        Action.CANCEL: {"own", "team", "strange"},
        Action.RETRY: {"own", "team", "strange"},
        Action.ANSWER: {"own", "team", "strange"},
        Action.MERGE: {"own", "team", "strange"},
        Action.CLOSE: {"own", "team", "strange"},
        Action.NAME_ANOTHER: {"own", "team", "strange"},
        Action.OPERATE: {"own", "team", "strange"},
        Action.READ_METRICS: {"own", "team", "strange"},
    },
    Role.AUDITOR: {
        Action.SEE: {"own", "team", "strange"},
        Action.CANCEL: {"own", "team"},
        Action.RETRY: {"own", "team"},
        Action.ANSWER: {"own", "team"},
        Action.READ_TRAIL: {"own", "team", "strange"},
    },
    Role.ADMIN: {
        Action.SEE: {"own", "team"},
        Action.CANCEL: {"own", "team"},
        Action.RETRY: {"own", "team"},
        Action.ANSWER: {"own", "team"},
        Action.OPERATE: {"own", "team", "strange"},
        Action.READ_METRICS: {"own", "team", "strange"},
        Action.READ_TRAIL: {"own", "team", "strange"},
        Action.MANAGE_PEOPLE: {"own", "team", "strange"},
        Action.MANAGE_TOKENS: {"own", "team", "strange"},
        Action.ADMINISTER: {"own", "team", "strange"},
    },
}
FOR_EVERYBODY = {Action.REQUEST, Action.READ_CATALOG}


def a_person(*roles: Role) -> Caller:
    return Caller(
        "ana@example.com",
        IdentitySource.SESSION,
        person=1,
        user=1,
        names=frozenset({"ana", "ana@example.com"}),
        teams=("payments",),
        roles=frozenset(roles),
    )


def a_program(*scopes: Scope) -> Caller:
    return Caller("ci", IdentitySource.TOKEN, scopes=frozenset(scopes), client="ci")


@pytest.mark.parametrize(("role", "action"), list(product(EXPECTED, Action)))
def test_each_role_may_what_the_table_says_and_nothing_else(
    role: Role | None, action: Action
) -> None:
    caller = a_person(role) if role else a_person()
    allowed = {name for name, target in TARGETS.items() if rights.may(caller, action, target)}
    everything = set(TARGETS) if action in FOR_EVERYBODY else set()
    assert allowed == everything | EXPECTED[role].get(action, set())


def test_every_action_has_a_rule() -> None:
    assert set(rights.RULES) == set(Action)


@pytest.mark.parametrize("action", list(Action))
def test_a_program_may_what_its_scope_says_and_nothing_without_it(action: Action) -> None:
    rule = rights.RULES[action]
    others = set(Scope) - {rule.scope}
    assert rights.may(a_program(rule.scope), action, STRANGE) == rule.programs
    assert not rights.may(a_program(*others), action, STRANGE)


@pytest.mark.parametrize("action", [Action.MERGE, Action.CLOSE, Action.MANAGE_PEOPLE])
def test_no_program_merges_or_manages_whatever_its_scopes(action: Action) -> None:
    assert not rights.may(a_program(*Scope), action, STRANGE)


def test_a_persons_token_may_no_more_than_the_person_and_its_scopes() -> None:
    platform = a_person(Role.PLATFORM)
    reader = Caller(
        platform.name,
        IdentitySource.TOKEN,
        person=1,
        names=platform.names,
        roles=platform.roles,
        scopes=frozenset({Scope.READ}),
    )
    assert rights.may(reader, Action.SEE, STRANGE)
    assert not rights.may(reader, Action.MERGE, STRANGE)
    assert not rights.may(reader, Action.REQUEST)


def test_nobody_merges_their_own_production_request() -> None:
    caller = a_person(Role.PLATFORM)
    own = Target("ANA@example.com", team="payments", is_production=True)
    decision = rights.decide(caller, Action.MERGE, own)
    assert not decision.allowed
    assert "their own production request" in decision.reason
    assert rights.may(caller, Action.MERGE, Target("bob@example.com", is_production=True))
    assert rights.may(caller, Action.CLOSE, own)


def test_a_refusal_says_who_may() -> None:
    assert "the platform team" in rights.decide(a_person(), Action.MERGE, OWN).reason
    reason = rights.decide(a_program(), Action.REQUEST).reason
    assert reason == "The token needs the scope request for this."
