"""Which calls the lane takes: what it needs to know of one, out of the server's scope."""

import re
from dataclasses import dataclass
from urllib.parse import parse_qsl

from a2wsgi.asgi_typing import HTTPScope
from django.conf import settings
from django.http.request import split_domain_port, validate_host

from provisioning import wiring

STATUS = re.compile(r"/api/v1/requests/(req-[0-9a-f]{12})/status")
LIST = "/api/v1/requests"
# Letters, digits and what addresses hold: nothing that a screen of texts would change or refuse.
PLAIN_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._@+-]{0,99}")
# A body, and a page of another site, which CORS has a say in.
OF_THE_SITE = frozenset({"content-length", "transfer-encoding", "origin"})
PLAIN_NUMBER = re.compile(r"[1-9][0-9]?|100")


@dataclass(frozen=True, slots=True)
class Call:
    """`request_id` is empty for a list, `user` and `limit` are for a list. `base` is what links begin with."""

    token: str
    base: str
    if_none_match: str
    call_id: str
    request_id: str = ""
    user: str | None = None
    limit: int = 20


def call_of(scope: HTTPScope) -> Call | None:
    """None for a call that the site has to look at."""
    if scope["method"] != "GET" or not scope["path"].startswith(LIST):
        return None
    headers = _single(scope)
    if headers is None or not OF_THE_SITE.isdisjoint(headers):
        return None
    token, base = _token(headers), _base(scope, headers)
    if not token or not base:
        return None
    common = (token, base, headers.get("if-none-match", ""), headers.get("x-request-id", ""))
    return _status(scope, common) or _list(scope, common)


Common = tuple[str, str, str, str]


def _status(scope: HTTPScope, common: Common) -> Call | None:
    found = STATUS.fullmatch(scope["path"])
    return Call(*common, request_id=found[1]) if found and not scope["query_string"] else None


def _list(scope: HTTPScope, common: Common) -> Call | None:
    if scope["path"] != LIST:
        return None
    pairs = parse_qsl(scope["query_string"].decode("latin-1"), keep_blank_values=True)
    query = dict(pairs)
    twice = len(query) < len(pairs)
    user, limit = query.pop("user", None), query.pop("limit", "20")
    if query or twice or not PLAIN_NUMBER.fullmatch(limit):
        return None
    if user is not None and not PLAIN_NAME.fullmatch(user):
        return None
    return Call(*common, user=user, limit=int(limit))


def _single(scope: HTTPScope) -> dict[str, str] | None:
    """None where a header comes twice: what that means, the site decides."""
    sent = list(scope["headers"])
    found = {name.decode("latin-1").lower(): value.decode("latin-1") for name, value in sent}
    return found if len(found) == len(sent) else None


def _token(headers: dict[str, str]) -> str:
    kind, _, token = headers.get("authorization", "").partition(" ")
    return token if kind.lower() == "bearer" and token.isascii() else ""


def _base(scope: HTTPScope, headers: dict[str, str]) -> str:
    """As `found.base_of`; empty for a host that is not the portal's."""
    host = headers.get("host", "")
    domain, _ = split_domain_port(host)
    # Links in an answer must not lead to a host that the caller made up.
    if not domain or not validate_host(domain, settings.ALLOWED_HOSTS):
        return ""
    public = wiring.portal().public_url
    # Whether a proxy is believed that the call came over TLS, the site knows.
    if not public and "x-forwarded-proto" in headers:
        return ""
    return public or f"{scope['scheme']}://{host}"
