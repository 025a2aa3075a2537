"""Entity tags (RFC 9110, section 8.8.3): equal tags are equal bodies, byte for byte."""

import hashlib

from django.utils.http import parse_etags

from infrallm_portal import __version__
from provisioning.api.following.rows import RequestHead
from provisioning.models import Status


def tag_of(head: RequestHead, base: str) -> str | None:
    """None for a queued request: why it waits depends on workers, others and the time. The release counts too, for it
    decides which fields there are, and so does the address that links begin with."""
    if head.status == Status.QUEUED:
        return None
    facts = (__version__, base, head.request_id, head.version, head.seen)
    return _tag(repr(facts).encode())


def tag_of_content(content: bytes) -> str:
    return _tag(content)


def _tag(content: bytes) -> str:
    # 128 bits: two different bodies never get one tag.
    return f'"{hashlib.sha256(content).hexdigest()[:32]}"'


def is_known(tag: str, if_none_match: str) -> bool:
    """Whether the caller has it. A cache on the way may have made the tag a weak one, which says the same here."""
    known = {sent.removeprefix("W/") for sent in parse_etags(if_none_match)}
    return tag in known or "*" in known
