"""The headers that the site's middlewares put on every answer, found by asking them."""

from typing import cast

from csp.middleware import CSPMiddleware
from django.http import HttpRequest, HttpResponse
from django.middleware.clickjacking import XFrameOptionsMiddleware
from django.middleware.security import SecurityMiddleware


def of_every_answer() -> list[tuple[bytes, bytes]]:
    """Once, at the start: they depend on the settings only."""
    framed = XFrameOptionsMiddleware(lambda request: HttpResponse())
    secured = SecurityMiddleware(CSPMiddleware(framed))
    answer = cast(HttpResponse, secured(HttpRequest()))
    found = [(name.lower().encode(), value.encode()) for name, value in answer.items()]
    # These differ by answer, so the lane sets them itself.
    return [header for header in found if header[0] not in (b"content-type", b"vary")]
