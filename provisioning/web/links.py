"""Addresses in the portal's own sentences, as links; only such as lead to the portal or to its repository, and only
where the reader may go."""

import re
from html import escape
from urllib.parse import urlsplit

from django.db.models import Q
from django.urls import reverse
from django.utils.safestring import SafeString, mark_safe

from provisioning import wiring
from provisioning.domain.identity import Caller
from provisioning.requests import services

_ADDRESS = re.compile(r"https?://[^\s,;<>\"']*[^\s,;<>\"'.]")
_REQUEST = re.compile(r"/requests/(req-[0-9a-f]{12})")
_PULL = re.compile(r"/(?:pulls?)/(\d{1,9})")


def linked(text: str, caller: Caller) -> SafeString:
    """HTML of the sentence. An address of somewhere else stays text: what a request says is not to
    send anybody anywhere."""
    parts, end = [], 0
    for found in _ADDRESS.finditer(text):
        parts += [escape(text[end : found.start()]), _link(found[0], caller)]
        end = found.end()
    return mark_safe("".join([*parts, escape(text[end:])]))  # noqa: S308  each part is escaped


def _link(address: str, caller: Caller) -> str:
    known = urlsplit(address)
    if address.startswith(f"{wiring.public_url()}/"):
        return _within(known.path, caller)
    host, _, repository = wiring.repository().partition("/")
    pull = _PULL.search(known.path)
    ours = repository and repository in known.path.lower() and known.netloc.lower() in host
    if ours and pull:
        return _anchor(address, f"pull request #{pull[1]}")
    return escape(address)


def _within(path: str, caller: Caller) -> str:
    request, pull = _REQUEST.match(path), _PULL.match(path)
    seen = services.visible_to(caller)
    if pull:
        number = int(pull[1])
        its = seen.filter(Q(pull_request__number=number) | Q(joined__number=number))
        words = f"pull request #{number}"
        return _anchor(reverse("pull", args=[number]), words) if its.exists() else words
    if request is None:
        return _anchor(path, path)
    if not seen.filter(request_id=request[1]).exists():
        return "another request"
    return _anchor(reverse("request_detail", args=[request[1]]), request[1])


def _anchor(address: str, words: str) -> str:
    return f'<a href="{escape(address)}">{escape(words)}</a>'
