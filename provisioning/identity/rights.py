"""What a caller may do: one table, one function."""

from dataclasses import dataclass

from provisioning.domain.identity import Action, Caller, Decision, Role, Scope, Target

ALLOWED = Decision(allowed=True)


@dataclass(frozen=True, slots=True)
class Rule:
    """Who may: everybody, the requester, their team, or people with one of `roles`. A token needs `scope` besides; a
    program that belongs to nobody may what its scopes say where `programs` is set."""

    scope: Scope
    roles: frozenset[Role] = frozenset()
    everybody: bool = False
    own: bool = False
    team: bool = False
    programs: bool = False


PLATFORM = frozenset({Role.PLATFORM})
READERS = frozenset({Role.PLATFORM, Role.AUDITOR})
ADMIN = frozenset({Role.ADMIN})

# Auditors read and change nothing: they stand in no rule but those that read.
RULES = {
    Action.REQUEST: Rule(Scope.REQUEST, everybody=True, programs=True),
    Action.SEE: Rule(Scope.READ, READERS, own=True, team=True, programs=True),
    Action.CANCEL: Rule(Scope.REQUEST, PLATFORM, own=True, team=True, programs=True),
    Action.RETRY: Rule(Scope.REQUEST, PLATFORM, own=True, team=True, programs=True),
    Action.ANSWER: Rule(Scope.REQUEST, PLATFORM, own=True, team=True, programs=True),
    Action.MERGE: Rule(Scope.ADMIN, PLATFORM),
    Action.CLOSE: Rule(Scope.ADMIN, PLATFORM),
    Action.NAME_ANOTHER: Rule(Scope.ON_BEHALF_OF, PLATFORM, programs=True),
    Action.READ_CATALOG: Rule(Scope.READ, everybody=True, programs=True),
    Action.OPERATE: Rule(Scope.ADMIN, PLATFORM | ADMIN),
    Action.READ_METRICS: Rule(Scope.METRICS, PLATFORM | ADMIN, programs=True),
    Action.READ_TRAIL: Rule(Scope.ADMIN, ADMIN | {Role.AUDITOR}),
    Action.MANAGE_PEOPLE: Rule(Scope.ADMIN, ADMIN),
    Action.MANAGE_TOKENS: Rule(Scope.ADMIN, ADMIN),
    Action.ADMINISTER: Rule(Scope.ADMIN, ADMIN),
}
ROLE_NAMES = {
    Role.PLATFORM: "the platform team",
    Role.AUDITOR: "auditors",
    Role.ADMIN: "administrators",
}


def decide(caller: Caller, action: Action, target: Target | None = None) -> Decision:
    """Whether the caller may, and if not, a sentence that says who may. Without a target: whether there is any
    target at all for which they may."""
    rule = RULES[action]
    if not caller.has_scope(rule.scope):
        return Decision(False, f"The token needs the scope {rule.scope.value} for this.")
    if not _is_covered(caller, rule, target):
        return Decision(False, _who_may(rule))
    if action is Action.MERGE and target is not None and _is_own_production(caller, target):
        reason = (
            "Nobody merges their own production request: somebody else of the platform team has to."
        )
        return Decision(False, reason)
    return ALLOWED


def may(caller: Caller, action: Action, target: Target | None = None) -> bool:
    return decide(caller, action, target).allowed


def sees_everything(caller: Caller) -> bool:
    """True where no request has to be compared: a role that reads all, or a program with the scope."""
    rule = RULES[Action.SEE]
    if not caller.has_scope(rule.scope):
        return False
    if caller.is_program:
        return not caller.teams
    return caller.has_role(*rule.roles)


def _is_covered(caller: Caller, rule: Rule, target: Target | None) -> bool:
    if caller.is_program:
        return rule.programs and _is_within_team(caller, target)
    if rule.everybody or caller.has_role(*rule.roles):
        return True
    if target is None:
        return rule.own or rule.team
    if rule.own and _is_own(caller, target):
        return True
    return rule.team and caller.is_in(target.team)


def _is_within_team(program: Caller, target: Target | None) -> bool:
    """A service's token may be limited to one team."""
    return not program.teams or target is None or program.is_in(target.team)


def _is_own(caller: Caller, target: Target) -> bool:
    if target.user is not None and target.user == caller.user:
        return True
    return caller.is_called(target.requester)


def _is_own_production(caller: Caller, target: Target) -> bool:
    return target.is_production and _is_own(caller, target)


def _who_may(rule: Rule) -> str:
    who = [ROLE_NAMES[role] for role in Role if role in rule.roles]
    if rule.team:
        who.insert(0, "the team")
    if rule.own:
        who.insert(0, "the requester")
    return f"Only {' and '.join(who)} may do this. An administrator can grant it."
