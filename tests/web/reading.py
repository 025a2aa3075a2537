"""Helpers that read a page, and the types of this folder's fixtures."""

import re
from collections.abc import Callable
from html.parser import HTMLParser

from django.contrib.auth.models import User

from provisioning.models import ProvisionRequest

PASSWORD = "only for tests 1"
Person = Callable[..., User]
Sent = Callable[..., ProvisionRequest]


def is_whole_page(page: str) -> bool:
    """Whether this is a page of its own, and not a part that htmx puts into one."""
    return page.lstrip().lower().startswith("<!doctype html>")


def on_one_line(page: str) -> str:
    """The page however its template is laid out: a run of spaces is one, and none stands beside a tag's border."""
    return re.sub(r"(?<=>) | (?=<)", "", " ".join(page.split()))


class Links(HTMLParser):
    def __init__(self, page: str) -> None:
        super().__init__()
        self.found: list[str] = []
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found += [value for name, value in attrs if tag == "a" and name == "href" and value]


def links(page: str) -> list[str]:
    return Links(page).found
