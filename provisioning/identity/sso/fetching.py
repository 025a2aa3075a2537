"""Calls to the provider. Its answers are hostile input: bounded in size and time, never redirected, never led inside."""

import json
import socket
from ipaddress import ip_address
from time import monotonic
from typing import Any
from urllib.parse import urlsplit

import requests
from requests import Response
from urllib3.exceptions import HTTPError

from infrallm_portal.configuration import LOOPBACK
from provisioning import wiring

LARGEST_BYTES = 1_048_576  # 10,000 groups with long names are 400 KB
# A whole answer, however it drips: requests' own bound is per piece.
LONGEST_SECONDS = 15.0
# To connect, and between two pieces of an answer.
TIMEOUT = (5.0, 10.0)
PIECE = 65_536


class RefusedAnswerError(requests.RequestException):
    """The provider answered, and the answer cannot be used. The sentence names the address and the reason."""


class BoundedSession(requests.Session):
    """Also the session that allauth calls with."""

    def request(self, method: str | bytes, url: str | bytes, *args: Any, **kwargs: Any) -> Response:
        """Raises `requests.RequestException` for whatever is not an answer of the expected kind."""
        address = url.decode() if isinstance(url, bytes) else url
        refuse_bad_address(address)
        self.headers["Accept-Encoding"] = "identity"  # nothing that grows when it is unpacked
        kwargs |= {"allow_redirects": False, "stream": True, "timeout": TIMEOUT}
        response = super().request(method, url, *args, **kwargs)
        with response:
            # The address was checked, and where it leads was not.
            if response.is_redirect:
                raise RefusedAnswerError(f"{address} redirects, which is not followed.")
            response._content = _content(response, address)
        response.headers.setdefault("Content-Type", "")  # allauth looks at it without asking
        return response


def fetch_object(address: str) -> dict[str, Any]:
    """The JSON object at the address."""
    with BoundedSession() as session:
        response = session.get(address)
        response.raise_for_status()
    try:
        found = json.loads(response.content)
    except ValueError:
        found = None
    if not isinstance(found, dict):
        raise RefusedAnswerError(f"{address} does not answer with a JSON object.")
    return found


def refuse_bad_address(address: str) -> None:
    """What the provider's own documents name may lie at another host of its, but not inside our network: only the issuer
    itself, which an operator has named, may have a private address."""
    target, issuer = urlsplit(address), urlsplit(wiring.portal().oidc_issuer or "")
    if target.netloc == issuer.netloc and target.scheme == issuer.scheme:
        return
    if target.scheme != "https" and target.hostname not in LOOPBACK:
        raise RefusedAnswerError(f"{address} is not an https:// address.")
    # An issuer on this machine is a trial, whose other addresses lie here, too.
    if issuer.hostname not in LOOPBACK and _is_inside(target.hostname or ""):
        raise RefusedAnswerError(f"{address} is not a public address, and not the issuer's.")


def _is_inside(host: str) -> bool:
    """A name without an address is nowhere, unless a proxy knows it."""
    try:
        found = socket.getaddrinfo(host, None)
    except OSError:
        return False
    addresses = [str(entry[4][0]).partition("%")[0] for entry in found]
    # One inside is enough to refuse: which of them is called is not ours to say.
    return not all(ip_address(address).is_global for address in addresses)


def _content(response: Response, address: str) -> bytes:
    """Piece by piece, so that an answer that never ends does, here."""
    until, content = monotonic() + LONGEST_SECONDS, bytearray()
    try:
        # read1 returns what is there: read would wait for a whole piece, whatever the bound.
        while piece := response.raw.read1(PIECE, decode_content=False):
            content += piece
            if len(content) > LARGEST_BYTES:
                raise RefusedAnswerError(f"{address} answers with more than {LARGEST_BYTES} bytes.")
            if monotonic() > until:
                raise RefusedAnswerError(f"{address} takes longer than {LONGEST_SECONDS:.0f} s.")
    except (HTTPError, OSError) as error:
        raise requests.ConnectionError(f"{address} broke off: {error}") from error
    return bytes(content)
