"""People, for administrators: who is there, what they may do, and how they come in."""

from collections.abc import Callable
from urllib.parse import urljoin

from django.contrib import messages
from django.db.models import Prefetch, Q, QuerySet
from django.http import Http404, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse

from provisioning import wiring
from provisioning.domain.identity import Action, Role
from provisioning.errors import InvalidInputError, PortalError
from provisioning.identity import administration, invitations
from provisioning.identity.means import means_of
from provisioning.models import Person, Team
from provisioning.web.forms import InviteForm, PersonForm
from provisioning.web.views.access import PageRequest, page

SHOWN = 50


@page("GET", "POST", needs=Action.MANAGE_PEOPLE)
def people(request: PageRequest) -> HttpResponse:
    if request.method == "POST":
        return _invite(request)
    return _list(request, InviteForm())


@page("GET", "POST", needs=Action.MANAGE_PEOPLE)
def person(request: PageRequest, number: int) -> HttpResponse:
    found = _found(number)
    if request.method == "GET":
        return _shown(request, found)
    form = PersonForm(request.POST)
    if not form.is_valid():
        return _shown(request, found, status=422)
    roles = frozenset(Role(role) for role in form.cleaned_data["roles"])
    teams = form.cleaned_data["teams"]

    def change() -> None:
        administration.set_roles(found, roles, request.caller)
        administration.set_teams(found, teams)

    return _done(request, found, change, "Saved.")


@page("POST", needs=Action.MANAGE_PEOPLE)
def link(request: PageRequest, number: int) -> HttpResponse:
    """Shown once: whoever has it becomes this person."""
    found = _found(number)
    return _shown(request, found, link=_absolute(request, invitations.link_for(found)))


@page("POST", needs=Action.MANAGE_PEOPLE)
def disable(request: PageRequest, number: int) -> HttpResponse:
    found = _found(number)
    said = f"{found} is signed out everywhere, and their tokens no longer work."
    return _done(request, found, lambda: administration.disable(found, request.caller), said)


@page("POST", needs=Action.MANAGE_PEOPLE)
def enable(request: PageRequest, number: int) -> HttpResponse:
    found = _found(number)
    said = f"{found} may sign in again."
    return _done(request, found, lambda: administration.enable(found, request.caller), said)


@page("POST", needs=Action.MANAGE_PEOPLE)
def sign_out_everywhere(request: PageRequest, number: int) -> HttpResponse:
    found = _found(number)
    said = f"{found} is signed out everywhere."
    return _done(request, found, lambda: administration.end_sessions(found), said)


@page("POST", needs=Action.MANAGE_PEOPLE)
def forget_factors(request: PageRequest, number: int) -> HttpResponse:
    found = _found(number)
    said = f"{found} signs in without a second factor until they set one up."
    return _done(request, found, lambda: administration.forget_factors(found), said)


def _invite(request: PageRequest) -> HttpResponse:
    form = InviteForm(request.POST)
    if not form.is_valid():
        return _list(request, form, 422)
    try:
        made = invitations.invite(form.cleaned_data["address"])
    except InvalidInputError as error:
        form.add_error("address", error.message)
        return _list(request, form, 422)
    administration.set_teams(made, form.cleaned_data["teams"])
    return _shown(request, made, link=_absolute(request, invitations.link_for(made)))


def _done(
    request: PageRequest, found: Person, change: Callable[[], None], said: str
) -> HttpResponse:
    try:
        change()
    except PortalError as error:
        messages.error(request, error.message)
    else:
        messages.success(request, said)
    return HttpResponseRedirect(reverse("person", args=[found.pk]))


def _list(request: PageRequest, form: InviteForm, status: int = 200) -> HttpResponse:
    # Postgres takes no NUL in a text.
    words = request.GET.get("q", "").strip()[:100].replace("\x00", "")
    after = request.GET.get("after", "")
    rows = _matching(words)
    # Nineteen digits may be more than a bigint holds.
    if after.isascii() and after.isdecimal() and len(after) < 19:
        rows = rows.filter(pk__gt=int(after))
    # One more than shown tells of a next page without counting everybody.
    shown = list(rows[: SHOWN + 1])
    context = {
        "people": shown[:SHOWN],
        "next": shown[SHOWN - 1].pk if len(shown) > SHOWN else 0,
        "words": words,
        "form": form,
        "teams": Team.objects.all(),
    }
    return render(request, "provisioning/people.html", context, status=status)


def _matching(words: str) -> QuerySet[Person]:
    teams = Prefetch("teams", Team.objects.order_by("name"))
    rows = Person.objects.select_related("user").prefetch_related(teams).order_by("pk")
    if not words:
        return rows
    named = Q(address__icontains=words) | Q(user__username__icontains=words)
    # The join has a row for each team that somebody is in.
    return rows.filter(named | Q(teams__name__iexact=words)).distinct()


def _shown(request: PageRequest, found: Person, link: str = "", status: int = 200) -> HttpResponse:
    context = {
        "person": found,
        "teams": Team.objects.all(),
        "own_teams": set(found.teams.all()),
        "roles": list(Role),
        "means": means_of(found.user),
        "tokens": found.tokens.filter(revoked_at=None).count(),
        "link": link,
    }
    return render(request, "provisioning/person.html", context, status=status)


def _found(number: int) -> Person:
    found = Person.objects.select_related("user").filter(pk=number).first()
    if found is None:
        raise Http404
    return found


def _absolute(request: PageRequest, path: str) -> str:
    public = wiring.portal().public_url
    # The Host header is the browser's word; a link that sets a password should not rest on it.
    return urljoin(public, path) if public else request.build_absolute_uri(path)
