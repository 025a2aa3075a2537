"""Signing in by single sign-on. The button is a link: a form that ends at another site is refused by the pages' policy."""

import requests
from allauth.socialaccount.adapter import get_adapter
from allauth.socialaccount.models import SocialApp
from allauth.socialaccount.providers.base import AuthProcess
from allauth.socialaccount.providers.oauth2.client import OAuth2Error
from allauth.socialaccount.providers.oauth2.views import OAuth2CallbackView
from django.contrib import messages
from django.http import (
    Http404,
    HttpRequest,
    HttpResponse,
    HttpResponseBase,
    HttpResponseRedirect,
)
from django.shortcuts import render
from django.urls import reverse

from provisioning import wiring
from provisioning.identity.sso.provider import PROVIDER, Flow, SingleSignOn
from provisioning.web.views import error_pages
from provisioning.web.views.access import PageRequest, page
from provisioning.web.views.session import for_visitors, own_site

# Set by a form of our own: a link that another site leads to must not tie somebody else's account to this one.
CONNECTS = "connects"


@for_visitors("GET")
def start(request: HttpRequest) -> HttpResponseBase:
    """Leads to the provider, with what to come back to."""
    target = request.GET.get("next", "")
    back = target if own_site(request, target) else None
    connects = request.session.pop(CONNECTS, False) and request.user.is_authenticated
    process = AuthProcess.CONNECT if connects else AuthProcess.LOGIN
    try:
        found: HttpResponse = _provider(request).redirect(request, process, next_url=back)
    except (requests.RequestException, OAuth2Error) as error:
        get_adapter().on_authentication_error(request, None, exception=error)
        return away(request)
    return found


@for_visitors("GET")
def callback(request: HttpRequest) -> HttpResponseBase:
    """Where the provider sends people back to."""
    _provider(request)
    view = OAuth2CallbackView.adapter_view(Flow(request, PROVIDER))
    answer: HttpResponseBase = view(request)
    return answer


@page("POST")
def connect(request: PageRequest) -> HttpResponse:
    _provider(request)
    request.session[CONNECTS] = True
    return render(request, "provisioning/connect.html", {"provider": wiring.portal().oidc_name})


@for_visitors("GET")
def cancelled(request: HttpRequest) -> HttpResponse:
    messages.info(request, "The sign-in was cancelled. Nothing was changed.")
    return HttpResponseRedirect(reverse("account_login"))


def away(request: HttpRequest) -> HttpResponse:
    text = f"{wiring.portal().oidc_name} does not answer as it should. Try again in a minute; what you typed is kept."
    return error_pages.error_page(request, 503, "Single sign-on is not available", text)


def _provider(request: HttpRequest) -> SingleSignOn:
    """Raises 404 where the settings name none."""
    try:
        found: SingleSignOn = get_adapter().get_provider(request, PROVIDER)
    except SocialApp.DoesNotExist:
        raise Http404 from None
    return found
