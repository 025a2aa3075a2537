"""An id for each call, by which people and logs speak of the same one. Its header is X-Request-ID, as proxies set it; a
request of the portal is something else."""

import re
import secrets
from collections.abc import Callable

from django.http import HttpRequest, HttpResponseBase

HEADER = "X-Request-ID"
# What proxies and tracing write; anything else a caller may have made up to be read in a log.
WELL_FORMED = re.compile(r"[A-Za-z0-9._-]{8,64}")


def call_ids(
    get_response: Callable[[HttpRequest], HttpResponseBase],
) -> Callable[[HttpRequest], HttpResponseBase]:
    """A middleware: the answer names the call's id, the caller's own where it has one."""

    def served(request: HttpRequest) -> HttpResponseBase:
        response = get_response(request)
        response.headers.setdefault(HEADER, call_id(request))
        return response

    return served


def call_id(request: HttpRequest) -> str:
    """The same for the same call, however often it is asked."""
    known: str = getattr(request, "call_id", "")
    if not known:
        known = new_call_id(request.headers.get(HEADER, ""))
        request.call_id = known  # type: ignore[attr-defined]
    return known


def new_call_id(sent: str) -> str:
    """The caller's own, where it is one."""
    return sent if WELL_FORMED.fullmatch(sent) else secrets.token_hex(16)
