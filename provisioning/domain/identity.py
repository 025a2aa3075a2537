"""Who is calling, and the words in which the portal decides what they may do."""

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum


class Role(StrEnum):
    """What somebody is beyond a requester; a person may have several."""

    # Owns catalog and portal: sees every request, merges, retries.
    PLATFORM = "platform"
    # Reads everything and changes nothing, so that nobody has to be trusted twice.
    AUDITOR = "auditor"
    ADMIN = "admin"


class Scope(StrEnum):
    """What a token was made for. A caller without a token is not limited by scopes."""

    READ = "read"
    REQUEST = "request"
    # May name somebody else as the requester; without it a program asks for itself.
    ON_BEHALF_OF = "on-behalf-of"
    # For Prometheus, which should hold a key that opens nothing else.
    METRICS = "metrics"
    ADMIN = "admin"


class IdentitySource(StrEnum):
    """How the portal knows who is calling. Only `BACKSTAGE_CLAIMED` and `TOKEN` repeat what a program said."""

    SESSION = "session"
    TOKEN = "token"  # noqa: S105  a word, not a secret
    # By a token of the user that Backstage signed.
    BACKSTAGE_VERIFIED = "backstage_verified"
    # By the word of Backstage's own token alone.
    BACKSTAGE_CLAIMED = "backstage_claimed"
    DEMO = "demo"


# How a reader is told; the claimed ones have to look it.
KNOWN_BY = {
    IdentitySource.SESSION: "signed in",
    IdentitySource.TOKEN: "named by a token",
    IdentitySource.BACKSTAGE_VERIFIED: "verified by Backstage",
    IdentitySource.BACKSTAGE_CLAIMED: "claimed through Backstage, not verified",
    IdentitySource.DEMO: "named on this machine, not verified",
}


def known_by(source: str) -> str:
    """Empty for the portal's own requests and those of an older release."""
    return KNOWN_BY.get(IdentitySource(source), "") if source in set(IdentitySource) else ""


class Action(StrEnum):
    REQUEST = "request"
    SEE = "see"
    CANCEL = "cancel"
    RETRY = "retry"
    ANSWER = "answer"
    MERGE = "merge"
    CLOSE = "close"
    NAME_ANOTHER = "name_another"
    READ_CATALOG = "read_catalog"
    OPERATE = "operate"
    READ_METRICS = "read_metrics"
    READ_TRAIL = "read_trail"
    MANAGE_PEOPLE = "manage_people"
    MANAGE_TOKENS = "manage_tokens"
    ADMINISTER = "administer"


@dataclass(frozen=True, slots=True)
class Caller:
    """`person` is None for a program that belongs to nobody. `names` are all the words that mean this person as a
    requester, and `teams` the teams' names, both without regard to case; `scopes` is None without a token."""

    name: str
    source: IdentitySource
    person: int | None = None
    user: int | None = None
    names: frozenset[str] = frozenset()
    teams: tuple[str, ...] = ()
    roles: frozenset[Role] = frozenset()
    scopes: frozenset[Scope] | None = None
    client: str = ""
    ref: str = ""

    @property
    def is_program(self) -> bool:
        return self.person is None

    def is_called(self, name: str) -> bool:
        return name.casefold() in self.names

    def is_in(self, team: str) -> bool:
        return bool(team) and team.casefold() in {own.casefold() for own in self.teams}

    def has_role(self, *roles: Role) -> bool:
        return not self.roles.isdisjoint(roles)

    def has_scope(self, scope: Scope) -> bool:
        return self.scopes is None or scope in self.scopes


@dataclass(frozen=True, slots=True)
class Target:
    """What an action is about: a request, or a pull request's. `is_production` asks for a second pair of eyes."""

    requester: str = ""
    user: int | None = None
    team: str = ""
    is_production: bool = False


@dataclass(frozen=True, slots=True)
class Decision:
    """`reason` is a sentence for the caller, empty where it is allowed."""

    allowed: bool
    reason: str = ""


def folded(names: Iterable[str]) -> frozenset[str]:
    return frozenset(name.casefold() for name in names if name)
