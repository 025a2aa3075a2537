"""The limits of a call: counted before the work, and told in the answer's headers."""

from collections.abc import Callable, Collection

from django.http import HttpRequest, HttpResponseBase

from provisioning.api.auth import caller_of, require
from provisioning.api.parameters import refuse_unknown
from provisioning.domain.identity import Action, Caller
from provisioning.errors import TooManyCallsError
from provisioning.identity import limits
from provisioning.identity.limits import Allowance, Kind
from provisioning.trail.addresses import client_address

# In the server's scope: what a part in front of the site has counted already for this call.
COUNTED = "portal.counted"
Next = Callable[[HttpRequest], HttpResponseBase]


def enter(
    request: HttpRequest, action: Action, kind: Kind, parameters: Collection[str] = ()
) -> Caller:
    """The caller of an operation, who may do it and has calls left; its query has nothing but `parameters`. Raises
    `NotAllowedError`, `TooManyCallsError` and `UnknownParameterError`."""
    caller = caller_of(request)
    require(caller, action)
    _spend(request, caller, kind)
    refuse_unknown(request, parameters)
    return caller


def _spend(request: HttpRequest, caller: Caller, kind: Kind) -> None:
    """Raises `TooManyCallsError` when the caller has had their calls of this kind for this minute."""
    scope = request.META.get("asgi.scope", {})
    allowance = scope[COUNTED] if COUNTED in scope else _counted(request, caller, kind)
    request.allowance = allowance  # type: ignore[attr-defined]
    if allowance is not None and allowance.is_exceeded:
        raise TooManyCallsError(
            f"That was more than {allowance.limit} calls in a minute. "
            f"Try again in {allowance.reset} s.",
            allowance.reset,
        )


def _counted(request: HttpRequest, caller: Caller, kind: Kind) -> Allowance | None:
    return limits.count(kind, limits.key_of(caller, client_address(request)))


def headers(get_response: Next) -> Next:
    """https://datatracker.ietf.org/doc/draft-ietf-httpapi-ratelimit-headers/"""

    def served(request: HttpRequest) -> HttpResponseBase:
        response = get_response(request)
        for name, value in limit_headers(getattr(request, "allowance", None)).items():
            response[name] = value
        return response

    return served


def limit_headers(allowance: Allowance | None) -> dict[str, str]:
    """None for a call that no limit was counted for."""
    if allowance is None:
        return {}
    name, left = allowance.kind.value, max(0, allowance.remaining)
    return {
        "RateLimit-Policy": f'"{name}";q={allowance.limit};w={limits.SECONDS}',
        "RateLimit": f'"{name}";r={left};t={allowance.reset}',
    }
