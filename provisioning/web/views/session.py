"""Signing in and out, and the theme, which a signed-out visitor may choose too."""

from typing import Any

from django.contrib.auth.views import LoginView, LogoutView
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.http import require_POST

from provisioning.identity import limits
from provisioning.identity.limits import Kind
from provisioning.trail import record
from provisioning.trail.addresses import client_address, network
from provisioning.trail.record import TrailEntry
from provisioning.web.chrome import THEME_COOKIE, THEMES
from provisioning.web.forms import SignInForm
from provisioning.web.views import error_pages

YEAR = 365 * 24 * 3600


class SignIn(LoginView):
    """Guessing is slow: so many attempts a minute from one address, and for one account from anywhere."""

    template_name = "provisioning/sign_in.html"
    authentication_form = SignInForm
    redirect_authenticated_user = True

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        # One address may try many accounts, and many addresses one account: each alone would leave a way.
        for who in (f"address {network(client_address(request))}", f"account {_account(request)}"):
            allowance = limits.count(Kind.SIGN_IN, who)
            if allowance is not None and allowance.is_exceeded:
                return _too_many(request, allowance.reset)
        return super().post(request, *args, **kwargs)


def _account(request: HttpRequest) -> str:
    # Counted before Django looks at the form, so it may hold what no form lets through.
    return request.POST.get("username", "").casefold().replace("\x00", "")


def _too_many(request: HttpRequest, seconds: int) -> HttpResponse:
    """Nobody's account is locked for longer than this, and the right password works again afterwards."""
    record.record(TrailEntry("signin.limited", "person", result="refused"), actor=_account(request))
    text = (
        f"Try again in {seconds} s. The account is not locked: the right password will work then."
    )
    response = error_pages.error_page(request, 429, "Too many attempts to sign in", text)
    response["Retry-After"] = str(seconds)
    return response


sign_in = SignIn.as_view()
sign_out = LogoutView.as_view()


@require_POST
def theme(request: HttpRequest) -> HttpResponse:
    """Keeps the choice in a cookie, so that the server sends the right theme and nothing flashes."""
    target = request.POST.get("next", "/")
    safe = url_has_allowed_host_and_scheme(
        target, allowed_hosts={request.get_host()}, require_https=request.is_secure()
    )
    # An address of another site here would make the portal a stepping stone for phishing.
    response = HttpResponseRedirect(target if safe else "/")
    chosen = request.POST.get("theme")
    # Anything else would stand in the page's markup.
    if chosen in THEMES:
        response.set_cookie(
            THEME_COOKIE, chosen, max_age=YEAR, samesite="Lax", secure=request.is_secure()
        )
    return response
