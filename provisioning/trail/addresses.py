"""The caller's network address, behind as many proxies as the settings say."""

from ipaddress import IPv6Network, ip_address

from django.http import HttpRequest

from provisioning import wiring

FORWARDED = "X-Forwarded-For"


def client_address(request: HttpRequest) -> str:
    """Each proxy of ours appends whom it was called by, so the last `TRUSTED_PROXIES` entries are ours to believe and what
    stands before them is the caller's own invention. Without proxies the header means nothing."""
    peer = str(request.META.get("REMOTE_ADDR", ""))
    trusted = wiring.portal().trusted_proxies
    named = [part.strip() for part in request.headers.get(FORWARDED, "").split(",") if part.strip()]
    if trusted == 0 or not named:
        return peer
    claimed = named[-min(trusted, len(named))]
    # A proxy that appends something else is set up otherwise than TRUSTED_PROXIES says.
    return claimed if _is_address(claimed) else peer


def network(address: str) -> str:
    """Who stands behind an address: of IPv6, one household or machine has all 2^64 of a network (RFC 6177)."""
    if not _is_address(address) or ip_address(address).version == 4:
        return address
    return str(IPv6Network((int(ip_address(address)), 64), strict=False))


def _is_address(text: str) -> bool:
    try:
        ip_address(text)
    except ValueError:
        return False
    return True
