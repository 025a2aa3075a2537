"""What stands around every page: theme, navigation and the banner that says which parts are embedded."""

from dataclasses import dataclass

from django.http import HttpRequest
from django.urls import Resolver404, resolve, reverse

from provisioning import wiring
from provisioning.domain.identity import Action, Caller
from provisioning.identity import rights

THEMES = ("light", "dark")
THEME_COOKIE = "theme"
# Only in the navigation of those whom the pages open for.
OF_ROLES = {
    Action.OPERATE: ("Operations", "operations"),
    Action.READ_TRAIL: ("Audit", "audit"),
    Action.MANAGE_PEOPLE: ("People", "people"),
}


@dataclass(frozen=True, slots=True)
class NavItem:
    title: str
    url: str
    current: bool


@dataclass(frozen=True, slots=True)
class Chrome:
    """`theme` is empty where the system decides; `banner` is empty where nothing is embedded."""

    theme: str
    nav: tuple[NavItem, ...]
    banner: str


def chrome_of(request: HttpRequest) -> Chrome:
    cookie = request.COOKIES.get(THEME_COOKIE, "")
    return Chrome(theme=cookie if cookie in THEMES else "", nav=_nav(request), banner=banner())


def _nav(request: HttpRequest) -> tuple[NavItem, ...]:
    if not (hasattr(request, "user") and request.user.is_authenticated):
        return ()
    here = _section(request)
    sections = [("New request", "new_request"), ("Requests", "requests"), ("Catalog", "catalog")]
    sections += _sections_of_roles(request)
    return tuple(NavItem(title, reverse(name), name == here) for title, name in sections)


def _sections_of_roles(request: HttpRequest) -> list[tuple[str, str]]:
    """Only what opens for who looks: an error page is drawn before anybody is known."""
    caller: Caller | None = getattr(request, "caller", None)
    if caller is None:
        return []
    return [section for action, section in OF_ROLES.items() if rights.may(caller, action)]


def _section(request: HttpRequest) -> str:
    try:
        name = resolve(request.path_info).url_name or ""
    except Resolver404:
        return ""
    # Pages that belong to an entry of the navigation without being one.
    return {
        "preview": "new_request",
        "catalog_type": "catalog",
        "audit_event": "audit",
        "person": "people",
        "teams": "people",
        "team": "people",
        "request_detail": "requests",
    }.get(name, name)


def banner() -> str:
    """Built from what really runs, so that it cannot say more or less than the truth."""
    portal = wiring.portal()
    embedded = [
        words
        for name, words in (
            (wiring.parser().name, "embedded parser"),
            (wiring.pull_requests().name, "local Git repository"),
        )
        if name in {"rules", "local_git"}
    ]
    # Said first and always: whoever can reach the machine can ask without signing in.
    if portal.demo:
        return "Demo on this machine: " + ", ".join([*embedded, "API open without sign-in"]) + "."
    return f"Running without all of its services: {', '.join(embedded)}." if embedded else ""
