"""Who may see what: a page asks for a sign-in, a request for its requester, a teammate or the platform team."""

from collections.abc import Callable
from functools import wraps
from typing import Concatenate, ParamSpec, cast
from urllib.parse import urlencode, urlsplit

from django.conf import settings
from django.contrib.auth.models import User
from django.contrib.auth.views import redirect_to_login
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django_htmx.middleware import HtmxDetails

from provisioning.domain.identity import Action, Caller
from provisioning.identity import people, rights
from provisioning.identity.denials import note_denial
from provisioning.models import PULL_REQUEST, ProvisionRequest
from provisioning.requests import services
from provisioning.trail import record
from provisioning.web import typed_text
from provisioning.web.views import error_pages


class PageRequest(HttpRequest):
    """A request that `page` has let through."""

    htmx: HtmxDetails
    user: User
    caller: Caller


Arguments = ParamSpec("Arguments")
View = Callable[Concatenate[HttpRequest, Arguments], HttpResponseBase]
Page = Callable[Concatenate[PageRequest, Arguments], HttpResponseBase]


def page(
    *methods: str, needs: Action | None = None
) -> Callable[[Page[Arguments]], View[Arguments]]:
    """A view for people who signed in (`needs`: what they must be allowed to do), with these methods; kept in no cache."""

    def decorate(view: Page[Arguments]) -> View[Arguments]:
        @wraps(view)
        def checked(
            request: HttpRequest, /, *args: Arguments.args, **kwargs: Arguments.kwargs
        ) -> HttpResponseBase:
            # Before the sign-in: a method that no page has is wrong for everybody.
            if request.method not in methods:
                return error_pages.method_not_allowed(request, methods)
            if not request.user.is_authenticated:
                return _sign_in_first(request)
            known = _with_caller(request)
            if needs is not None and not rights.may(known.caller, needs):
                reason = rights.decide(known.caller, needs).reason
                return denied(request, needs, reason)
            response = view(known, *args, **kwargs)
            # What one person may see must not come back to the next one at the same machine with the back button.
            response.headers["Cache-Control"] = "no-store, private"
            return response

        return checked

    return decorate


def denied(request: HttpRequest, action: Action, reason: str, target: str = "") -> HttpResponse:
    """The page that says who may; the attempt is in the trail."""
    note_denial(action, "page", target, request.path)
    return error_pages.not_allowed(request, reason)


def refused_by_django(request: HttpRequest, exception: Exception) -> HttpResponse:
    """Django's handler for `PermissionDenied`: the admin raises it for what nobody may change there."""
    reason = str(exception) or "Nobody changes this by hand: the portal's own pages do."
    return denied(request, Action.ADMINISTER, reason)


def _with_caller(request: HttpRequest) -> PageRequest:
    known = cast(PageRequest, request)
    known.caller = people.caller_of_user(known.user)
    record.known(known.caller)
    return known


def _sign_in_first(request: HttpRequest) -> HttpResponse:
    """A part of a page cannot show the form: HTMX is told to leave for it, and to come back to the page afterwards.
    What was typed comes back, too."""
    if request.method == "POST":
        typed_text.keep(request)
    htmx: HtmxDetails = request.htmx  # type: ignore[attr-defined]
    if not htmx:
        # After signing in the browser comes with GET, which a form's address does not answer.
        return redirect_to_login(request.get_full_path() if request.method == "GET" else "/")
    current = urlsplit(htmx.current_url or "/")
    back = current.path + (f"?{current.query}" if current.query else "")
    address = f"{settings.LOGIN_URL}?{urlencode({'next': back})}"
    # HTMX follows this header itself; a redirect would put the sign-in form into a corner of the page.
    return HttpResponse(status=401, headers={"HX-Redirect": address})


def visible(request: PageRequest, request_id: str) -> ProvisionRequest:
    """Raises 404 for an unknown request and for somebody else's alike: the answer does not tell which."""
    found = services.find_visible(request.caller, request_id, *PULL_REQUEST, "follow_up_of")
    if found is None:
        raise Http404
    return found
