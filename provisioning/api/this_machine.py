"""Whether a call comes from this machine and nobody else's could come the same way."""

from ipaddress import ip_address

from django.http import HttpRequest

# A proxy on this machine is a peer of this machine, whoever it speaks for (RFC 7239 and what came before it).
FORWARDED = (
    "Forwarded",
    "Via",
    "X-Forwarded-For",
    "X-Forwarded-Host",
    "X-Forwarded-Proto",
    "X-Real-IP",
)


def from_this_machine(request: HttpRequest) -> bool:
    """Looks at the two ends of the connection: the peer's address, and the address that the server was bound to, which servers
    give as SERVER_NAME. What the caller writes, as in the Host header, can only speak against it."""
    ends = (request.META.get("REMOTE_ADDR", ""), request.META.get("SERVER_NAME", ""))
    forwarded = any(name in request.headers for name in FORWARDED)
    return not forwarded and all(map(is_loopback, ends))


def is_loopback(address: str) -> bool:
    """Names are not looked up: of all of them, only `localhost` is loopback everywhere (RFC 6761, section 6.3)."""
    if address == "localhost":
        return True
    try:
        found = ip_address(address.partition("%")[0])
    except ValueError:
        return False
    return (getattr(found, "ipv4_mapped", None) or found).is_loopback
