"""Helpers that read a page, and the types of this folder's fixtures."""

from collections.abc import Callable
from html.parser import HTMLParser

from django.contrib.auth.models import User

from provisioning.models import ProvisionRequest

PASSWORD = "only for tests 1"
Person = Callable[..., User]
Sent = Callable[..., ProvisionRequest]


class Links(HTMLParser):
    def __init__(self, page: str) -> None:
        super().__init__()
        self.found: list[str] = []
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found += [value for name, value in attrs if tag == "a" and name == "href" and value]


def links(page: str) -> list[str]:
    return Links(page).found
