"""Somebody's own account: what the portal knows of them, their password, and the link that they came by first."""

from functools import wraps
from typing import Any

from allauth.account.internal.flows.login import perform_login
from allauth.account.models import Login
from django.contrib import messages
from django.contrib.auth import update_session_auth_hash
from django.contrib.auth.forms import PasswordChangeForm, SetPasswordForm
from django.contrib.auth.models import User
from django.db import transaction
from django.forms import Form
from django.http import HttpRequest, HttpResponse, HttpResponseBase, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse

from provisioning import wiring
from provisioning.identity import invitations
from provisioning.identity.means import means_of
from provisioning.identity.sso.provider import configured
from provisioning.models import Person
from provisioning.trail import record
from provisioning.trail.record import TrailEntry
from provisioning.web.views import error_pages
from provisioning.web.views.access import PageRequest, page
from provisioning.web.views.session import View, for_visitors, slowed


@page("GET")
def account(request: PageRequest) -> HttpResponse:
    user = request.user
    context = {
        "person": Person.objects.get(user=user),
        "teams": request.caller.teams,
        "roles": sorted(request.caller.roles),
        "means": means_of(user),
        "provider": wiring.portal().oidc_name if configured() else "",
    }
    return render(request, "provisioning/account.html", context)


def with_password(view: View) -> View:
    """Second factors are for people with a password of the portal; for the others their provider asks for what it wants."""

    @wraps(view)
    def checked(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        if isinstance(request.user, User) and request.user.has_usable_password():
            return view(request, *args, **kwargs)
        text = "You sign in by single sign-on: second factors are set up there."
        return error_pages.error_page(request, 404, "There is nothing to set up here", text)

    return checked


@page("GET", "POST")
def password(request: PageRequest) -> HttpResponse:
    """Every other session of theirs ends with the old password."""
    form = PasswordChangeForm(request.user, request.POST or None)
    if not form.is_valid():
        return _password_form(request, form, "Change your password")
    with transaction.atomic():
        form.save()
        record.record(TrailEntry("person.password_changed", "person", str(request.user.pk)))
    # A session is bound to the password's hash: this one would end with the others.
    update_session_auth_hash(request, request.user)
    messages.success(request, "The new password holds. You are signed out everywhere else.")
    return HttpResponseRedirect(reverse("account"))


@for_visitors("GET", "POST")
@slowed
def invitation(request: HttpRequest, pk: int, token: str) -> HttpResponse:
    """Sets the first password, or a new one, and signs in. Looking at the page uses nothing up."""
    user = invitations.invited_by(pk, token)
    if user is None:
        text = "It was used already, or it is too old. Ask an administrator for a new one."
        return error_pages.error_page(request, 403, "This link does not work any more", text)
    form = SetPasswordForm(user, request.POST or None)
    if not form.is_valid():
        return _password_form(request, form, "Choose a password")
    trail = TrailEntry("person.password_set", "person", str(user.pk))
    with transaction.atomic():
        form.save()
        # Nobody is signed in yet whom the record could name.
        record.record(trail, actor=user.get_username())
    answer: HttpResponse = perform_login(request, Login(user=user))
    return answer


def _password_form(request: HttpRequest, form: Form, title: str) -> HttpResponse:
    """Without the text that a password manager would be kept from."""
    context = {"form": form, "title": title}
    return render(
        request, "provisioning/password.html", context, status=422 if form.errors else 200
    )
