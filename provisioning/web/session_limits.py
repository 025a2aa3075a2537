"""Ends sessions that are too old before anything is done with them."""

from collections.abc import Callable
from typing import Any

from django.contrib.auth import logout
from django.contrib.auth.models import AnonymousUser, User
from django.http import HttpRequest, HttpResponse, HttpResponseBase

from provisioning import wiring
from provisioning.identity import confirmation, sessions
from provisioning.models import Person
from provisioning.trail import record
from provisioning.trail.record import TrailEntry

# A page that asks by itself is no sign of somebody in front of it.
ASK_BY_THEMSELVES = frozenset({"request_live", "request_rows", "audit_new"})


class SessionLimits:
    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        return self.get_response(request)

    def process_view(
        self, request: HttpRequest, view: Callable[..., Any], args: Any, kwargs: Any
    ) -> HttpResponse | None:
        """Signs out whose time is over; the view then sees a visitor and asks for a sign-in by itself."""
        user: User | AnonymousUser = request.user
        if not user.is_authenticated:
            return None
        why = _why_over(request, user)
        if why:
            logout(request)
            data = {"why": why}
            record.record(TrailEntry("session.expired", "person", str(user.pk), data=data))
        elif _asked_by_somebody(request):
            sessions.note_use(request.session)
        return None


def _why_over(request: HttpRequest, user: User) -> str:
    if sessions.is_over(request.session):
        return "time"
    if not wiring.portal().oidc_issuer:
        return ""
    person = Person.objects.filter(user=user).first()
    return "not_confirmed" if person and confirmation.has_lapsed(person) else ""


def _asked_by_somebody(request: HttpRequest) -> bool:
    match = request.resolver_match
    return match is None or match.url_name not in ASK_BY_THEMSELVES
