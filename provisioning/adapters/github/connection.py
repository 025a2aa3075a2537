"""A time limit for a whole answer. The one of `requests` is for each read, so a body that drips in would hold a worker."""

import time

import requests
from github.Requester import (
    HTTPRequestsConnectionClass,
    HTTPSRequestsConnectionClass,
    Requester,
    RequestsResponse,
)
from urllib3.exceptions import HTTPError, ReadTimeoutError

PIECE = 65_536


def limit_answers(requester: Requester) -> None:
    """PyGithub lets one set these classes for the whole process only, and then stops keeping connections open."""
    kind = _Https if requester.scheme == "https" else _Http
    setattr(requester, "_Requester__connectionClass", kind)  # noqa: B010  # the mangled name, which mypy refuses to set


class MovedError(Exception):
    """A redirect: nothing was done. PyGithub would follow some of them, and not tell."""

    def __init__(self, location: str) -> None:
        super().__init__(location)
        self.location = location


class _Limited(HTTPSRequestsConnectionClass):
    def getresponse(self) -> RequestsResponse:
        end = time.monotonic() + (self.timeout or 0)
        answer = self.session.request(
            self.verb,
            f"{self.protocol}://{self.host}:{self.port}{self.url}",
            headers=self.headers,
            data=self.input,
            timeout=self.timeout,
            verify=self.verify,
            allow_redirects=False,
            stream=True,
        )
        body = _body(answer, end)
        if answer.is_redirect:
            raise MovedError(answer.headers["location"])
        return _Read(answer, body)


class _Https(_Limited):
    pass


class _Http(HTTPRequestsConnectionClass):
    getresponse = _Limited.getresponse


class _Read(RequestsResponse):
    def __init__(self, answer: requests.Response, body: bytes) -> None:
        super().__init__(answer)
        self._body = body

    def read(self) -> str:
        return self._body.decode(errors="replace")


def _body(answer: requests.Response, end: float) -> bytes:
    """`read1` gives what has come, where `read` waits for a whole piece. A body read to its end keeps the connection."""
    pieces = []
    try:
        while piece := answer.raw.read1(PIECE, decode_content=True):
            pieces.append(piece)
            if time.monotonic() > end:
                answer.close()
                raise requests.Timeout
    except ReadTimeoutError as error:
        raise requests.Timeout from error
    except HTTPError as error:
        raise requests.ConnectionError from error
    return b"".join(pieces)
