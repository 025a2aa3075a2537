"""Where the portal listens on this machine."""

import os
import socket

EVERYWHERE = ("0.0.0.0", "::")  # noqa: S104  named, not listened on


def address(host: str, port: int) -> str:
    return f"[{host}]:{port}" if ":" in host else f"{host}:{port}"


def reachable(host: str) -> str:
    """A name for links: all addresses at once is none that a browser could open."""
    return socket.gethostname() if host in EVERYWHERE else host


def why_not_free(host: str, port: int) -> str:
    """ "" where a server could listen."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    try:
        socket.create_server((host, port), family=family).close()
    except OSError as error:
        return os.strerror(error.errno or 0)
    return ""


def is_served(host: str, port: int) -> bool:
    try:
        socket.create_connection((host, port), timeout=1).close()
    except OSError:
        return False
    return True
