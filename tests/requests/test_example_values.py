"""Nothing that the portal ships as an example reaches a pull request on GitHub: the portal says what is missing."""

import re
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from django.test import Client

from provisioning import wiring
from provisioning.catalog import BUILT_IN, load_catalog
from provisioning.catalog.examples import example_values
from provisioning.domain import Submission
from provisioning.domain.identity import Role
from provisioning.errors import PlatformNotConfiguredError
from provisioning.models import ProvisionRequest
from provisioning.operations import health
from provisioning.requests import services
from tests.support.github_double import FakeGitHub
from tests.support.github_fault_server import FaultServer
from tests.support.github_portal import GitHubPortal
from tests.support.people import make_user

pytestmark = pytest.mark.django_db(transaction=True)
Portal = Callable[..., None]
OWN = {
    r"\bacme\b": "umbrella",
    r"\.example\b": ".net",
    "111122223333": "210987654321",
    "444455556666": "310987654321",
    "777788889999": "410987654321",
    r"-0{12,}([0-9a-f]{1,5})\b": r"-0abc0123456789\1",
    r"\b0{8}-0{4}-0{4}-0{4}-": "1b2c3d4e-0001-4000-8000-",
}
TEXT = "{} KMS key for payments"


def own_platform(folder: Path, *left: str) -> Path:
    """The built-in one with a company's own values, but for the settings that `left` names."""
    lines = (BUILT_IN / "_common/platform.toml").read_text(encoding="utf-8").splitlines()
    (folder / "_common").mkdir(parents=True)
    text = "\n".join(_own_line(line, left) for line in lines)
    (folder / "_common/platform.toml").write_text(text, encoding="utf-8")
    return folder


def _own_line(line: str, left: tuple[str, ...]) -> str:
    if any(value in line for value in left):
        return line
    for example, own in OWN.items():
        line = re.sub(example, own, line, flags=re.IGNORECASE)
    return line


@pytest.fixture
def on_github(portal: Portal) -> Iterator[Callable[..., GitHubPortal]]:
    double = FakeGitHub()
    with FaultServer(double).running() as server:
        hosted = GitHubPortal(double, server)

        def start(**more: object) -> GitHubPortal:
            portal(**{**hosted.settings(), "allow_example_values": False, **more})
            return hosted

        yield start


def test_the_shipped_file_is_full_of_examples_and_a_companys_own_has_none(tmp_path: Path) -> None:
    shipped = wiring.catalog().platform
    own = load_catalog([BUILT_IN, own_platform(tmp_path / "own")]).platform

    total = sum(len(example_values(shipped, name)) for name in shipped.environments)
    assert total >= 150
    assert [example_values(own, name) for name in own.environments] == [[], [], []]


def test_a_request_ends_with_each_value_named_and_opens_nothing(
    on_github: Callable[..., GitHubPortal],
) -> None:
    github = on_github()

    row = github.run(TEXT.format("production"))

    assert (row.status, row.error_code) == ("failed", "platform_not_configured")
    for one in example_values(wiring.catalog().platform, "prod"):
        assert one.key in row.error
    assert "environments.prod.settings.account_id (777788889999)" in row.error
    assert github.double.pulls == []


def test_one_value_that_was_forgotten_stops_its_environment_and_no_other_one(
    on_github: Callable[..., GitHubPortal], tmp_path: Path
) -> None:
    own = own_platform(tmp_path / "own", "vpc-00000000000000f30")
    github = on_github(catalog_paths=(BUILT_IN, own))

    stopped = github.run(TEXT.format("production"))
    opened = github.run(TEXT.format("staging"))

    assert "environments.prod.regions.eu-west-1.vpc_id (vpc-00000000000000f30)" in stopped.error
    assert stopped.error_code == "platform_not_configured"
    assert (opened.status, opened.error) == ("completed", "")
    assert len(github.double.pulls) == 1


def test_a_preview_says_it_too(on_github: Callable[..., GitHubPortal]) -> None:
    on_github()

    with pytest.raises(PlatformNotConfiguredError, match=r"state\.bucket"):
        services.preview(Submission(TEXT.format("dev"), "ana"))


def test_health_counts_them_and_the_operators_page_names_them(
    on_github: Callable[..., GitHubPortal],
) -> None:
    on_github()

    told = health._platform()
    browser = Client()
    browser.force_login(make_user("operator", roles=(Role.PLATFORM,)))
    page = browser.get("/operations").content.decode()

    assert told.state == "error"
    assert re.search(r"dev \(\d+\), staging \(\d+\), prod \(\d+\)", told.detail)
    assert "777788889999" not in told.detail
    assert "environments.prod.regions.us-east-1.vpc_id" in page


@pytest.mark.usefixtures("portal")
def test_the_embedded_repository_takes_examples() -> None:
    assert services.examples_in_use() == {}
    assert health._platform().state == "ok"


def test_whoever_only_tries_it_out_may_say_so(on_github: Callable[..., GitHubPortal]) -> None:
    github = on_github(allow_example_values=True)

    assert github.run(TEXT.format("dev")).status == "completed"
    assert ProvisionRequest.objects.get().error == ""
