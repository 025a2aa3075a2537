"""Where a call comes from, for what is recorded while it is served."""

from collections.abc import Callable

from django.http import HttpRequest, HttpResponseBase

from provisioning.trail import record
from provisioning.trail.addresses import client_address

Next = Callable[[HttpRequest], HttpResponseBase]


def trail(get_response: Next) -> Next:
    def served(request: HttpRequest) -> HttpResponseBase:
        record.begin(client_address(request), request.headers.get("User-Agent", ""))
        try:
            return get_response(request)
        finally:
            record.end()

    return served
