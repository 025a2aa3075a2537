"""Django's admin opens for administrators, through the portal's own sign-in, which has limits."""

from functools import wraps
from typing import Any, cast

from django.conf import settings
from django.contrib.admin import AdminSite
from django.contrib.auth.models import User
from django.contrib.auth.views import redirect_to_login
from django.db.models.base import ModelBase
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse

from provisioning.domain.identity import Action, Caller
from provisioning.identity import people, rights
from provisioning.trail import record
from provisioning.web.views.access import denied

NOT_SHOWN = frozenset({"account", "socialaccount", "mfa", "usersessions"})


def _caller(request: HttpRequest) -> Caller:
    """Asked several times for one page, and read once."""
    known: Caller | None = getattr(request, "caller", None)
    if known is None:
        known = people.caller_of_user(cast(User, request.user))
        request.caller = known  # type: ignore[attr-defined]
        record.known(known)
    return known


class PortalAdminSite(AdminSite):
    site_header = site_title = "InfraLLM Portal"
    index_title = "Stored requests, users and groups"

    def register(self, model_or_iterable: Any, *args: Any, **options: Any) -> None:
        """Without allauth's models: secrets of second factors are nobody's to read, and people have pages of their own."""
        one = isinstance(model_or_iterable, ModelBase)
        models = [model_or_iterable] if one else list(model_or_iterable)
        shown = [model for model in models if model._meta.app_label not in NOT_SHOWN]
        super().register(shown, *args, **options)

    def has_permission(self, request: HttpRequest) -> bool:
        """By the person's role: `is_staff` of Django's user says nothing here."""
        known = request.user.is_authenticated
        return known and rights.may(_caller(request), Action.ADMINISTER)

    def admin_view(self, view: Any, cacheable: bool = False) -> Any:
        inner = super().admin_view(view, cacheable)

        @wraps(view)
        def checked(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
            if not request.user.is_authenticated:
                return redirect_to_login(request.get_full_path(), settings.LOGIN_URL)
            decision = rights.decide(_caller(request), Action.ADMINISTER)
            if not decision.allowed:
                return denied(request, Action.ADMINISTER, decision.reason)
            return cast(HttpResponse, inner(request, *args, **kwargs))

        return checked

    def login(self, request: HttpRequest, *_: Any, **__: Any) -> HttpResponse:
        """There is one sign-in. Whoever is signed in already goes on, or is told that they may not."""
        index = reverse("admin:index")
        if request.user.is_authenticated:
            return HttpResponseRedirect(index)
        return redirect_to_login(request.GET.get("next", index), settings.LOGIN_URL)
