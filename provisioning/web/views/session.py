"""Signing in and out, and the theme, which a signed-out visitor may choose too."""

from collections.abc import Callable
from functools import wraps
from typing import Any

from allauth.account.internal.flows.login import perform_password_login
from allauth.account.internal.stagekit import unstash_login
from allauth.account.models import Login
from allauth.mfa.base.views import authenticate
from allauth.mfa.webauthn.views import login_webauthn
from django.contrib import messages
from django.contrib.auth.forms import AuthenticationForm
from django.contrib.auth.models import User
from django.contrib.auth.views import LoginView, LogoutView
from django.http import HttpRequest, HttpResponse, HttpResponseBase, HttpResponseRedirect
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST

from provisioning import wiring
from provisioning.identity import limits
from provisioning.identity.limits import Kind
from provisioning.identity.sso.provider import configured
from provisioning.trail import record
from provisioning.trail.addresses import client_address, network
from provisioning.trail.record import TrailEntry
from provisioning.web.chrome import THEME_COOKIE, THEMES
from provisioning.web.forms import SignInForm
from provisioning.web.views import error_pages

YEAR = 365 * 24 * 3600
View = Callable[..., HttpResponseBase]


def slowed(view: View) -> View:
    """Guessing is slow: so many attempts a minute from one address, and for one account from anywhere. One place counts for
    passwords, codes and keys alike."""

    @wraps(view)
    def counted(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        if request.method == "POST":
            for who in (
                f"address {network(client_address(request))}",
                f"account {_account(request)}",
            ):
                allowance = limits.count(Kind.SIGN_IN, who)
                if allowance is not None and allowance.is_exceeded:
                    return _too_many(request, allowance.reset)
        return view(request, *args, **kwargs)

    return counted


class SignIn(LoginView):
    template_name = "provisioning/sign_in.html"
    authentication_form = SignInForm
    redirect_authenticated_user = True

    def form_valid(self, form: AuthenticationForm) -> HttpResponse:
        """The password was right; a second factor may be asked for next."""
        user = form.get_user()
        login = Login(user=user, redirect_url=self.get_redirect_url() or None)
        names = {"username": user.get_username()}
        answer: HttpResponse = perform_password_login(self.request, names, login)
        return answer

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        provider = wiring.portal().oidc_name if configured() else ""
        return super().get_context_data(provider=provider, **kwargs)


def for_visitors(*methods: str) -> Callable[[View], View]:
    """A view for people who have not signed in, with these methods; kept in no cache."""

    def decorate(view: View) -> View:
        @wraps(view)
        def checked(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
            if request.method not in methods:
                return error_pages.method_not_allowed(request, methods)
            return view(request, *args, **kwargs)

        return never_cache(checked)

    return decorate


sign_in = slowed(SignIn.as_view())
sign_out = LogoutView.as_view()
second_factor = for_visitors("GET", "POST")(slowed(authenticate))
passkey = for_visitors("GET", "POST")(slowed(login_webauthn))


@for_visitors("GET")
def inactive(request: HttpRequest) -> HttpResponse:
    messages.error(request, "Your account was disabled. An administrator can say why.")
    return HttpResponseRedirect(reverse("account_login"))


def _account(request: HttpRequest) -> str:
    """Who they say they are, at the first factor and at the ones that follow."""
    if isinstance(request.user, User):
        # Or each spelling in capitals would have attempts of its own.
        return request.user.get_username().casefold()
    # Only a look: a login that is taken out here could not be finished.
    started = unstash_login(request, peek=True)
    # A form with a username starts anew, and counts for the account that it names.
    if started is not None and started.user is not None and "username" not in request.POST:
        return str(started.user.get_username()).casefold()
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


@require_POST
def theme(request: HttpRequest) -> HttpResponse:
    """Keeps the choice in a cookie, so that the server sends the right theme and nothing flashes."""
    target = request.POST.get("next", "/")
    # Or the portal would send people to a page of somebody else's choice.
    response = HttpResponseRedirect(target if own_site(request, target) else "/")
    chosen = request.POST.get("theme")
    # Anything else would stand in the page's markup.
    if chosen in THEMES:
        response.set_cookie(
            THEME_COOKIE, chosen, max_age=YEAR, samesite="Lax", secure=request.is_secure()
        )
    return response


def own_site(request: HttpRequest, target: str) -> bool:
    return url_has_allowed_host_and_scheme(
        target, allowed_hosts={request.get_host()}, require_https=request.is_secure()
    )
