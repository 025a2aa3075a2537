"""API tokens: everybody their own, administrators those of services, too. A token's text is shown once, in the answer that
makes it, and nowhere else."""

from datetime import timedelta

from django.contrib import messages
from django.db.models import Q, QuerySet
from django.http import Http404, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone

from provisioning.domain.identity import Action, Scope
from provisioning.identity import rights, tokens
from provisioning.identity.denials import note_denial
from provisioning.identity.tokens import Holder
from provisioning.models import ApiToken, Person
from provisioning.web.forms import TokenForm
from provisioning.web.views.access import PageRequest, page

# What a service may be given; a person's token can do no more than the person, so `on-behalf-of` is of no use to it.
OF_A_PERSON = (Scope.READ, Scope.REQUEST)


@page("GET", "POST")
def list_tokens(request: PageRequest) -> HttpResponse:
    if request.method == "POST":
        return _make(request)
    return _list(request, TokenForm(_scopes(request)))


@page("POST")
def revoke_token(request: PageRequest, number: int) -> HttpResponse:
    """404 for somebody else's token as for one that there is not."""
    found = _visible(request).filter(pk=number).first()
    if found is None:
        _note_strange(number)
        raise Http404
    tokens.revoke(found)
    messages.success(request, f"The token {found.name} no longer works.")
    return HttpResponseRedirect(reverse("tokens"))


def _note_strange(number: int) -> None:
    strange = ApiToken.objects.filter(pk=number).first()
    if strange is not None:
        note_denial(Action.MANAGE_TOKENS, "token", strange.prefix)


def _make(request: PageRequest) -> HttpResponse:
    form = TokenForm(_scopes(request), request.POST)
    if not form.is_valid():
        return _list(request, form, 422)
    chosen = form.cleaned_data
    expires = timezone.now() + timedelta(days=chosen["days"])
    scopes = frozenset(Scope(scope) for scope in chosen["scopes"])
    holder = Holder() if _is_for_a_service(request, form) else Holder(_person(request))
    _, text = tokens.issue(chosen["name"], scopes, holder, request.caller.name, expires)
    return _list(request, TokenForm(_scopes(request)), text=text)


def _list(request: PageRequest, form: TokenForm, status: int = 200, text: str = "") -> HttpResponse:
    context = {
        "form": form,
        "tokens": _visible(request).select_related("person__user"),
        "text": text,
        "now": timezone.now(),
        "manages": rights.may(request.caller, Action.MANAGE_TOKENS),
    }
    return render(request, "provisioning/tokens.html", context, status=status)


def _visible(request: PageRequest) -> QuerySet[ApiToken]:
    own = Q(person_id=request.caller.person)
    every = rights.may(request.caller, Action.MANAGE_TOKENS)
    # Services have no owner, so only who manages tokens sees theirs.
    return ApiToken.objects.all() if every else ApiToken.objects.filter(own)


def _scopes(request: PageRequest) -> tuple[Scope, ...]:
    return tuple(Scope) if rights.may(request.caller, Action.MANAGE_TOKENS) else OF_A_PERSON


def _is_for_a_service(request: PageRequest, form: TokenForm) -> bool:
    wanted = form.cleaned_data["holder"] == "service"
    return wanted and rights.may(request.caller, Action.MANAGE_TOKENS)


def _person(request: PageRequest) -> Person:
    return Person.objects.get(user=request.user)
