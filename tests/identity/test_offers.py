from collections.abc import Callable
from pathlib import Path

import pytest

from provisioning.catalog import load_catalog
from provisioning.catalog.load import BUILT_IN
from provisioning.catalog.platform_format import Allow
from provisioning.domain import Submission
from provisioning.errors import CatalogError, NotAllowedError
from provisioning.identity.offers import may_ask
from provisioning.models import ProvisionRequest
from provisioning.requests import services, tasks

ALLOW = [
    Allow(team="*", environments=["dev", "staging"]),
    Allow(team="Payments", types=["rds", "s3"], environments=["prod"]),
    Allow(team="platform"),
]


@pytest.mark.parametrize(
    ("teams", "type_name", "environment", "allowed"),
    [
        ([], "eks", "dev", True),
        (["search"], "eks", "staging", True),
        (["search"], "rds", "prod", False),
        (["payments"], "rds", "prod", True),
        (["payments"], "eks", "prod", False),
        (["PLATFORM"], "eks", "prod", True),
        (["search", "payments"], "s3", "prod", True),
        ([], "s3", "prod", False),
    ],
)
def test_an_entry_allows_what_it_names(
    teams: list[str], type_name: str, environment: str, allowed: bool
) -> None:
    assert may_ask(ALLOW, teams, type_name, environment) is allowed


def test_without_any_entry_everybody_may_ask_for_everything() -> None:
    assert may_ask([], [], "eks", "prod")


IN_TOML = """
[[allow]]
team = "*"
environments = ["dev", "staging"]

[[allow]]
team = "Payments"
types = ["rds", "s3"]
environments = ["prod"]
"""


@pytest.fixture
def restricted(portal: Callable[..., None], tmp_path: Path) -> None:
    """The built-in catalog with a company's own platform.toml over it."""
    common = tmp_path / "company" / "_common"
    common.mkdir(parents=True)
    platform = (BUILT_IN / "_common/platform.toml").read_text() + IN_TOML
    (common / "platform.toml").write_text(platform)
    portal(catalog_paths=(BUILT_IN, tmp_path / "company"))


def test_a_word_that_names_nothing_stops_the_start(tmp_path: Path) -> None:
    common = tmp_path / "_common"
    common.mkdir()
    mistake = IN_TOML.replace('"rds"', '"postgres"')
    platform = (BUILT_IN / "_common/platform.toml").read_text() + mistake
    (common / "platform.toml").write_text(platform)
    with pytest.raises(CatalogError, match=r"allow\[1\]\.types: 'postgres' is not a type"):
        load_catalog([BUILT_IN, tmp_path])


@pytest.mark.django_db
def test_a_preview_and_a_request_say_who_may_not_ask_for_what(restricted: None) -> None:
    asked = Submission("production RDS Postgres for user service", "ana", "backend-team")
    with pytest.raises(NotAllowedError, match="backend-team may not ask for rds in prod"):
        services.preview(asked)
    row = services.submit(asked)
    tasks.run_request(row.request_id)
    ended = ProvisionRequest.objects.get()
    assert (ended.status, ended.error_code) == ("failed", "not_allowed")


@pytest.mark.django_db
def test_the_team_that_is_named_gets_its_pull_request(restricted: None) -> None:
    asked = Submission("production RDS Postgres for user service", "ana", "payments")
    row = services.submit(asked)
    tasks.run_request(row.request_id)
    assert ProvisionRequest.objects.get().status == "completed"
