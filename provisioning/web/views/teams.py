"""Teams, for administrators: what they are called here and elsewhere, and who is in them."""

from typing import Any

from django.contrib import messages
from django.db.models import Count
from django.http import Http404, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse

from provisioning.domain.identity import Action
from provisioning.errors import InvalidInputError, PortalError
from provisioning.identity import teams as changes
from provisioning.models import Person, Team
from provisioning.web.forms import NewTeamForm, TeamForm
from provisioning.web.views.access import PageRequest, page

MOST_MEMBERS = 200


@page("GET", "POST", needs=Action.MANAGE_PEOPLE)
def teams(request: PageRequest) -> HttpResponse:
    form = NewTeamForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        names = form.other_names()
        try:
            changes.make(form.cleaned_data["name"], names)
        except InvalidInputError as error:
            form.add_error(error.field, error.message)
        else:
            messages.success(request, "The team is there.")
            return HttpResponseRedirect(reverse("teams"))
    context = {"teams": Team.objects.annotate(size=Count("members")), "form": form}
    return render(request, "provisioning/teams.html", context, status=422 if form.errors else 200)


@page("GET", "POST", needs=Action.MANAGE_PEOPLE)
def team(request: PageRequest, number: int) -> HttpResponse:
    found = _found(number)
    form = TeamForm(request.POST) if request.method == "POST" else TeamForm(_as_typed(found))
    if request.method == "POST" and form.is_valid():
        try:
            changes.rename_elsewhere(found, form.other_names())
        except InvalidInputError as error:
            form.add_error(error.field, error.message)
        else:
            messages.success(request, "Saved.")
            return HttpResponseRedirect(reverse("team", args=[number]))
    members = Person.objects.filter(teams=number).select_related("user").order_by("pk")
    context = {"team": _found(number), "form": form, "members": members[:MOST_MEMBERS]}
    return render(request, "provisioning/team.html", context, status=422 if form.errors else 200)


@page("POST", needs=Action.MANAGE_PEOPLE)
def remove_team(request: PageRequest, number: int) -> HttpResponse:
    found = _found(number)
    try:
        changes.remove(found)
    except PortalError as error:
        messages.error(request, error.message)
        return HttpResponseRedirect(reverse("team", args=[number]))
    messages.success(request, f"The team {found.name} is no more.")
    return HttpResponseRedirect(reverse("teams"))


def _as_typed(found: Team) -> dict[str, Any]:
    return {
        "oidc_groups": "\n".join(found.oidc_groups),
        "backstage_ref": found.backstage_ref,
        "github_slug": found.github_slug,
    }


def _found(number: int) -> Team:
    found = Team.objects.filter(pk=number).first()
    if found is None:
        raise Http404
    return found
