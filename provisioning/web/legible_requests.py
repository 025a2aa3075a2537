"""Where text enters over HTTP: path, query, headers, cookies and form fields hold no character that cannot be stored."""

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, cast

from django.http import HttpRequest, HttpResponseBase, QueryDict

from provisioning.domain.legible import ILLEGIBLE, legible

if TYPE_CHECKING:
    from django.http.request import _ImmutableQueryDict

FORMS = ("application/x-www-form-urlencoded", "multipart/form-data")
# WSGI's texts are bytes in disguise (PEP 3333), which have no replacement character.
IN_HEADERS = "?"


class LegibleRequests:
    """The first middleware: those after it look files and sessions up by what stands in a request."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        for name, value in request.META.items():
            if isinstance(value, str) and name.startswith("HTTP_"):
                request.META[name] = legible(value, IN_HEADERS)
        request.path_info, request.path = legible(request.path_info), legible(request.path)
        request.GET = _legible_fields(request.GET)
        for name, value in request.COOKIES.items():
            request.COOKIES[name] = legible(value)
        return self.get_response(request)

    def process_view(self, request: HttpRequest, *_: Any) -> None:
        """Forms are read as late as this, so that a refusal of their body passes all middlewares. The API takes JSON,
        which its own types look through."""
        if request.method == "POST" and request.content_type in FORMS and not _is_api(request):
            request.POST = _legible_fields(request.POST)


def _is_api(request: HttpRequest) -> bool:
    return request.path.startswith("/api/")


def _legible_fields(fields: "_ImmutableQueryDict") -> "_ImmutableQueryDict":
    pairs = [(name, value) for name, values in fields.lists() for value in values]
    if not any(map(_is_illegible, pairs)):
        return fields
    clean = QueryDict(mutable=True)
    for name, value in pairs:
        clean.appendlist(legible(name), legible(value))
    clean._mutable = False
    return cast("_ImmutableQueryDict", clean)


def _is_illegible(pair: tuple[str, str]) -> bool:
    return any(map(ILLEGIBLE.search, pair))
