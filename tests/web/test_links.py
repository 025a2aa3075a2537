"""What a sentence quotes is hostile: only addresses of the portal and of its own repository become links."""

from collections.abc import Callable

import pytest

from provisioning.domain.identity import Caller, IdentitySource
from provisioning.web.links import linked

Portal = Callable[..., None]
STRANGER = Caller("eve", IdentitySource.SESSION)
PULL = "acme/infra/pull/7"


@pytest.fixture(autouse=True)
def on_github(portal: Portal) -> None:
    portal(
        public_url="https://portal.acme.dev",
        github_org="acme",
        github_repo="infra",
        github_api_url="https://api.github.com",
    )


def test_a_pull_request_of_the_repository_is_a_link() -> None:
    address = f"https://github.com/{PULL}"

    assert linked(address, STRANGER) == f'<a href="{address}">pull request #7</a>'


def test_another_server_has_its_api_at_its_own_host(portal: Portal) -> None:
    portal(github_api_url="https://git.acme.dev/api/v3")

    assert "<a" in linked(f"https://git.acme.dev/{PULL}", STRANGER)
    assert "<a" not in linked(f"https://github.com/{PULL}", STRANGER)


def test_a_page_of_the_portal_is_a_link() -> None:
    assert linked("https://portal.acme.dev/catalog", STRANGER) == '<a href="/catalog">/catalog</a>'


@pytest.mark.parametrize(
    "address",
    [
        f"https://hub.com/{PULL}",
        f"https:///{PULL}",
        f"https://github.com@evil.example/{PULL}",
        f"https://evil.example/https://github.com/{PULL}",
        f"https://github.com/evil/{PULL}",
        f"https://github.com/{PULL.replace('infra', 'infra-of-somebody')}",
        "https://portal.acme.dev//evil.example/login",
        "https://portal.acme.dev/\\evil.example/login",
        "http://[x/pull/1",
    ],
)
def test_an_address_of_anybody_else_stays_text(address: str) -> None:
    said = linked(f"See {address} now", STRANGER)

    assert "<a" not in said
    assert "evil" in said or address in said
