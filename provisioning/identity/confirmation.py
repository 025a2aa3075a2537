"""Whom single sign-on has vouched for has to be vouched for again: who left the company stays signed in at no other place."""

from datetime import datetime, timedelta

from django.db.models import Q
from django.utils import timezone

from provisioning import wiring
from provisioning.models import Person


def has_lapsed(person: Person) -> bool:
    """Never of people who do not sign in by single sign-on."""
    since = _oldest()
    confirmed = person.confirmed_at
    return since is not None and confirmed is not None and confirmed < since


def is_current() -> Q:
    """The same for a query of tokens; a token of a service has no person."""
    since = _oldest()
    if since is None:
        return Q()
    unconfirmed = Q(person=None) | Q(person__confirmed_at=None)
    return unconfirmed | Q(person__confirmed_at__gte=since)


def _oldest() -> datetime | None:
    portal = wiring.portal()
    if not portal.oidc_issuer or not portal.sso_confirm_days:
        return None
    return timezone.now() - timedelta(days=portal.sso_confirm_days)
