import json
import shutil
from dataclasses import replace
from pathlib import Path

import pytest

from provisioning.catalog import load_catalog
from provisioning.domain import Resource, Value
from provisioning.errors import CatalogError
from provisioning.pipeline.render import render
from provisioning.pipeline.understand import understand
from tests.support.scripted import SMALL, Scripted, asking, database, small_catalog

CATALOG = small_catalog()


def resource(engine: str = "postgres", **more: str) -> Resource:
    reading = database(("engine", engine, engine), application="payments API")
    asked = asking(f"{engine} database for payments API", **more)
    return understand(Scripted(reading), CATALOG, asked).resources[0]


def test_values_lie_in_tfvars_and_never_in_a_tf_file() -> None:
    hostile = '${file("/etc/passwd")} %{ if true } "\nresource "x" "y" {} <<EOT {{ 1 }}'
    one = resource(team="payments-team")
    loaded = replace(
        one, parameters={**one.parameters, "note": Value(hostile, one.environment.origin)}
    )

    files = render(CATALOG, loaded).files

    values = json.loads(files["terraform.tfvars.json"])
    assert values["note"] == hostile
    assert values["tags"] == {
        "Environment": "dev",
        "Team": "payments-team",
        "ManagedBy": "infrallm-portal",
    }
    assert values["name"] == "dev-payments-api-db"
    assert "passwd" not in "".join(text for name, text in files.items() if name.endswith(".tf"))
    assert {
        name: text for name, text in render(CATALOG, one).files.items() if name.endswith(".tf")
    } == {name: text for name, text in files.items() if name.endswith(".tf")}


def test_the_same_requirements_give_the_same_bytes() -> None:
    assert render(CATALOG, resource()) == render(CATALOG, resource())


def test_a_structure_choice_decides_which_lines_exist() -> None:
    assert "ca_cert_identifier" in render(CATALOG, resource()).files["main.tf"]
    assert "ca_cert_identifier" not in render(CATALOG, resource("mysql")).files["main.tf"]


def test_every_variable_that_is_used_is_declared_with_its_bounds_and_given() -> None:
    files = render(CATALOG, resource()).files
    values = json.loads(files["terraform.tfvars.json"])
    assert all(f'variable "{name}" {{' in files["variables.tf"] for name in values)
    assert "var.storage_gb >= 20" in files["variables.tf"]
    assert 'contains(["postgres", "mysql"], var.engine)' in files["variables.tf"]


def test_the_state_lies_under_the_directory() -> None:
    rendered = render(CATALOG, resource())
    assert rendered.directory == "terraform/dev/database/payments-api-db"
    assert f'"{rendered.directory}/terraform.tfstate"' in rendered.files["backend.tf"]


@pytest.mark.parametrize(
    "line",
    ["{{ engine }}", "{{ note | hcl }}", "{{ ''.__class__ | hcl }}", "{% if nothing %}{% endif %}"],
)
def test_a_template_that_prints_unfiltered_or_reaches_for_values_is_refused(
    tmp_path: Path, line: str
) -> None:
    folder = Path(shutil.copytree(SMALL, tmp_path / "catalog"))
    (folder / "database/main.tf.j2").write_text(line)
    with pytest.raises(CatalogError, match=r"database/main\.tf\.j2"):
        render(load_catalog([folder]), resource())
