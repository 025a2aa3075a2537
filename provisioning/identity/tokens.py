"""API tokens: `infp_`, a prefix that may be shown, and 256 random bits. Only a digest is stored."""

import hashlib
import hmac
import re
import secrets
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import Q, QuerySet
from django.utils import timezone

from provisioning import wiring
from provisioning.domain.identity import Caller, IdentitySource, Scope, folded
from provisioning.identity import confirmation
from provisioning.identity.people import caller_of_person
from provisioning.models import ApiToken, Person, Team
from provisioning.trail import record
from provisioning.trail.record import TrailEntry

MARK = "infp_"
# Enough to tell one's own tokens apart; it is shown, so it holds nothing of the secret.
PREFIX_BYTES = 4
SHAPE = re.compile(rf"{MARK}[0-9a-f]{{8}}(?=_)")
SECRET_BYTES = 32
# A use is written down at most this often: a poll each second must not be a write each second.
USE_NOTED_EVERY = timedelta(minutes=1)


@dataclass(frozen=True, slots=True)
class Holder:
    """Whose token it is: a person's, or a service's, which a team may limit."""

    person: Person | None = None
    team: Team | None = None


@transaction.atomic
def issue(
    name: str,
    scopes: frozenset[Scope],
    holder: Holder,
    created_by: str,
    expires_at: datetime | None = None,
) -> tuple[ApiToken, str]:
    """The stored token and its text. The text exists only here: it is shown once and cannot be had again."""
    prefix = MARK + secrets.token_hex(PREFIX_BYTES)
    text = f"{prefix}_{secrets.token_urlsafe(SECRET_BYTES)}"
    stored = ApiToken.objects.create(
        name=name,
        scopes=sorted(scopes),
        created_by=created_by,
        person=holder.person,
        team=holder.team,
        expires_at=expires_at,
        prefix=prefix,
        digest=digest(text),
    )
    data = {"name": name, "scopes": sorted(scopes), "expires_at": _moment(expires_at)}
    record.record(TrailEntry("token.issued", "token", prefix, data=data))
    return stored, text


def _moment(moment: datetime | None) -> str | None:
    return moment.isoformat() if moment else None


@transaction.atomic
def revoke(token: ApiToken) -> None:
    """From the next call on. A second time changes nothing."""
    changed = ApiToken.objects.filter(pk=token.pk, revoked_at=None).update(
        revoked_at=timezone.now()
    )
    if changed:
        record.record(TrailEntry("token.revoked", "token", token.prefix, data={"name": token.name}))


def caller_of_token(text: str) -> Caller | None:
    """None for every token that is not good now: unknown, revoked, expired, or of somebody who was disabled."""
    bootstrap = bootstrap_caller(text)
    if bootstrap is not None:
        return bootstrap
    # The look-up compares digests: how long it takes tells nothing about the secret.
    found = _good().filter(digest=digest(text)).select_related("person__user", "team").first()
    if found is None:
        return None
    _note_use(found)
    return _caller(found)


def shown_part(text: str) -> str:
    """The prefix of something that looks like a token; empty for everything else, which may be any secret."""
    found = SHAPE.match(text)
    return found[0] if found else ""


def bootstrap_caller(text: str) -> Caller | None:
    """The caller of the operator's own token, which takes no statement; None for every other."""
    if not _is_bootstrap(text):
        return None
    scopes = frozenset(Scope(scope) for scope in wiring.portal().api_token_scopes)
    return Caller("API_TOKEN", IdentitySource.TOKEN, scopes=scopes, client="API_TOKEN")


def digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


def _is_bootstrap(text: str) -> bool:
    expected = wiring.portal().api_token
    if expected is None:
        return False
    # This one stands in the settings as it is, so how long a comparison takes would tell its beginning.
    # As bytes: of text it takes ASCII only, and a caller may send anything.
    return hmac.compare_digest(text.encode(), expected.get_secret_value().encode())


def _good() -> QuerySet[ApiToken]:
    unexpired = Q(expires_at=None) | Q(expires_at__gt=timezone.now())
    owned = Q(person=None) | Q(person__user__is_active=True)
    return ApiToken.objects.filter(unexpired, owned, confirmation.is_current(), revoked_at=None)


def _note_use(token: ApiToken) -> None:
    now = timezone.now()
    if token.last_used_at is None or now - token.last_used_at > USE_NOTED_EVERY:
        ApiToken.objects.filter(pk=token.pk).update(last_used_at=now)


def _caller(token: ApiToken) -> Caller:
    if token.person is None:
        return service_caller(token.name, token.scopes, token.team.name if token.team else None)
    scopes = frozenset(Scope(scope) for scope in token.scopes)
    owner = caller_of_person(token.person, token.person.user, IdentitySource.TOKEN)
    return replace(owner, scopes=scopes, client=token.name)


def service_caller(name: str, scopes: Iterable[str], team: str | None) -> Caller:
    """A program that belongs to nobody, limited to its team where it has one."""
    return Caller(
        name,
        IdentitySource.TOKEN,
        teams=(team,) if team else (),
        scopes=frozenset(Scope(scope) for scope in scopes),
        client=name,
        names=folded([name]),
    )
