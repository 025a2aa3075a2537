"""A company's own resource type is a folder: nothing else changes, and docs/extending.md shows exactly this folder."""

import re
import shlex
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
from django.core.management import load_command_class
from django.test import Client

from infrallm_portal import PROJECT
from provisioning.catalog import BUILT_IN, load_catalog
from provisioning.certify.prove import Tools, prove
from provisioning.domain import Submission
from provisioning.errors import PolicyViolationError
from provisioning.models import ProvisionRequest
from provisioning.requests import services, tasks
from tests.web.reading import links

OWN = Path(__file__).parents[1] / "catalogs/own"
DOCUMENT = (PROJECT / "docs/extending.md").read_text(encoding="utf-8")
TEXT = "production athena workgroup for payments, scan limit 250 GB"
Portal = Callable[..., None]


@pytest.fixture
def own(portal: Portal) -> None:
    portal(catalog_paths=(BUILT_IN, OWN))


def asked(text: str) -> Submission:
    return Submission(text, "ana@example.com", "payments-team")


@pytest.mark.usefixtures("own", "db")
def test_its_words_are_understood_and_its_files_rendered() -> None:
    generated = services.preview(asked(TEXT))
    [resource] = generated.resources
    [understood] = generated.requirements.resources
    assert (understood.type, understood.name) == ("athena", "payments-queries")
    assert understood.parameters["scan_limit_gb"].value == 250
    assert understood.parameters["scan_limit_gb"].origin.kind == "text"
    assert resource.directory == "terraform/prod/athena/payments-queries"
    assert "metrics_enabled = true" in resource.files["main.tf"]
    bare = services.preview(asked("staging athena workgroup for orders without metrics"))
    assert "metrics_enabled = false" in bare.resources[0].files["main.tf"]


@pytest.mark.usefixtures("own", "db")
def test_its_policy_refuses_by_name() -> None:
    with pytest.raises(PolicyViolationError, match=r"500 GB at most.*athena-development-limit"):
        services.preview(asked("dev athena workgroup for payments, scan limit 900 GB"))


@pytest.mark.usefixtures("own")
@pytest.mark.django_db(transaction=True)
def test_a_request_for_it_becomes_a_pull_request() -> None:
    row = services.submit(asked(TEXT))
    tasks.run_request(row.request_id)
    done = ProvisionRequest.objects.get(pk=row.pk)
    assert done.status == "completed", done.error
    assert done.opened
    assert done.generated
    assert done.generated.resources[0].directory == "terraform/prod/athena/payments-queries"


@pytest.mark.django_db
@pytest.mark.usefixtures("own")
def test_it_has_a_page_and_stands_in_the_list_the_search_and_the_api(
    client: Client, admin_client: Client
) -> None:
    assert "/catalog/athena" in links(admin_client.get("/catalog").text)
    assert "/catalog/athena" in links(admin_client.get("/catalog", {"q": "sql over s3"}).text)
    page = admin_client.get("/catalog/athena").text
    assert "<code>athena-development-limit</code>" in page
    assert "Nobody has proved this template yet" in page
    answer = client.get("/api/v1/catalog/athena").json()
    assert answer["parameters"]["properties"]["scan_limit_gb"]["x-defaults"]["prod"] == 1000
    assert answer["certificate"] is None


def test_it_can_be_certified() -> None:
    catalog = load_catalog([BUILT_IN, OWN])
    steps = {
        step.name: step
        for step in prove(catalog, catalog.types["athena"], Tools(), lambda _line: None).steps
    }
    assert steps["closed template"].passed
    assert steps["provider 6 attributes"].passed, steps["provider 6 attributes"].detail


def test_it_is_data_alone() -> None:
    assert {path.suffix for path in OWN.rglob("*") if path.is_file()} <= {
        ".toml",
        ".j2",
        ".md",
        ".json",
    }


@pytest.mark.usefixtures("portal")
def test_a_company_replaces_a_built_in_type_whole(
    portal: Portal, tmp_path: Path, admin_client: Client
) -> None:
    shutil.copytree(BUILT_IN / "s3", tmp_path / "own/s3")
    toml = tmp_path / "own/s3/resource.toml"
    toml.write_text(toml.read_text().replace('title = "S3 bucket"', 'title = "Acme bucket"', 1))
    portal(catalog_paths=(BUILT_IN, tmp_path / "own"))
    page = admin_client.get("/catalog").text
    assert "Acme bucket" in page
    assert ">S3 bucket</a>" not in page
    portal(catalog_paths=(tmp_path / "own", BUILT_IN))
    assert "Acme bucket" not in admin_client.get("/catalog").text


@pytest.mark.parametrize("name", ["resource.toml", "main.tf.j2", "outputs.tf.j2"])
def test_the_document_shows_the_files_as_they_are(name: str) -> None:
    assert f"\n{(OWN / 'athena' / name).read_text(encoding='utf-8')}```" in DOCUMENT


def test_the_commands_of_the_document_are_commands() -> None:
    shown = re.findall(r"^python manage\.py (.+)$", DOCUMENT, re.M)
    assert len(shown) == 7
    for line in shown:
        name, *arguments = shlex.split(line)
        load_command_class("provisioning", name).create_parser("manage.py", name).parse_args(
            arguments
        )


@pytest.mark.parametrize(
    ("old", "new", "file"),
    [
        ("scan_limit_gb = 1000", "scan_limit_gb = 0", "resource.toml"),
        ("{{ metrics | hcl }}", "{{ scan_limit_gb | hcl }}", "main.tf.j2"),
    ],
)
def test_the_mistakes_of_the_document_are_told_as_it_says(
    tmp_path: Path, old: str, new: str, file: str
) -> None:
    from provisioning.errors import CatalogError

    folder = Path(shutil.copytree(OWN, tmp_path / "own"))
    path = folder / "athena" / file
    path.write_text(path.read_text().replace(old, new, 1))
    with pytest.raises(CatalogError) as refusal:
        load_catalog([BUILT_IN, folder])
    assert refusal.value.message.removeprefix(f"{folder}/athena/") in DOCUMENT
