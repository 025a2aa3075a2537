"""`manage.py catalog new`, `check` and `render`: what people who write resource types work with."""

import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from io import StringIO
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

from infrallm_portal import PROJECT
from provisioning import checks
from provisioning.catalog import BUILT_IN
from tests.support.scripted import SMALL

pytestmark = pytest.mark.xdist_group("templates")  # one process parses the built-in ones once
Portal = Callable[..., None]


def said(*arguments: str) -> str:
    out = StringIO()
    call_command("catalog", *arguments, stdout=out)
    return out.getvalue()


@pytest.fixture
def own(portal: Portal, tmp_path: Path) -> Path:
    """An empty folder of a company beside the built-in ones."""
    folder = tmp_path / "own"
    folder.mkdir()
    portal(catalog_paths=(BUILT_IN, folder))
    return folder


@pytest.fixture
def broken(portal: Portal, tmp_path: Path) -> Path:
    folder = Path(shutil.copytree(SMALL, tmp_path / "catalog"))
    toml = folder / "database/resource.toml"
    toml.write_text(toml.read_text().replace("suffix", "sufix"))
    portal(catalog_paths=(folder,))
    return toml


def test_a_new_type_passes_the_check_as_it_is(own: Path) -> None:
    assert (
        said("new", "audit_trail")
        == f"{own}/audit_trail: change what it says, then manage.py catalog check.\n"
    )
    lines = said("check").splitlines()
    assert (
        "audit_trail: 5 parameters, 3 examples, no certificate yet (manage.py certify audit_trail)"
        in lines
    )
    assert any(line.startswith("s3: ") and ", certified on 20" in line for line in lines)


def test_a_new_type_is_understood_and_rendered_as_it_is(own: Path) -> None:
    said("new", "audit_trail")
    by_number = said("render", "audit_trail", "--example", "3")
    by_text = said(
        "render", "audit_trail", "--text", "staging audit trail for billing, rarely read"
    )
    for shown in (by_number, by_text):
        assert 'log_group_class   = "INFREQUENT_ACCESS"' in shown
    assert "# terraform/staging/audit_trail/billing-log/terraform.tfvars.json" in by_text


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["new", "Log-Group"], "'Log-Group' is no name for a type"),
        (["new", "../elsewhere"], "is no name for a type"),
        (["render", "mainframe"], "There is no type 'mainframe'; there are "),
        (["render", "s3", "--example", "99"], "so none with the number 99"),
        (["render", "s3", "--text", "a cake"], "cake|infrastructure|kind"),
    ],
)
def test_what_cannot_be_done_is_said_in_one_sentence(
    own: Path, arguments: list[str], words: str
) -> None:
    with pytest.raises(CommandError, match=words):
        said(*arguments)
    assert list(own.iterdir()) == []


def test_a_folder_that_is_there_is_not_written_over(own: Path) -> None:
    said("new", "audit_trail")
    before = (own / "audit_trail/resource.toml").read_text()
    with pytest.raises(CommandError, match="is there already"):
        said("new", "audit_trail")
    assert (own / "audit_trail/resource.toml").read_text() == before


def test_words_that_name_two_types_are_told(own: Path) -> None:
    said("new", "bucket_log")
    toml = own / "bucket_log/resource.toml"
    toml.write_text(toml.read_text().replace('synonyms = ["bucket log"]', 'synonyms = ["bucket"]'))
    assert "'bucket' also means s3" in said("check")


def test_an_example_that_its_own_rules_refuse_is_named(own: Path) -> None:
    said("new", "audit_trail")
    toml = own / "audit_trail/resource.toml"
    toml.write_text(
        toml.read_text().replace(
            "parameters = { retention_days = 365 }", "parameters = { retention_days = 7 }"
        )
    )
    with pytest.raises(CommandError, match=r"audit_trail: examples\[0\]: .*stays for 90 days"):
        said("check")


def test_terraform_that_cannot_be_read_is_named(own: Path) -> None:
    said("new", "audit_trail")
    template = own / "audit_trail/main.tf.j2"
    template.write_text(template.read_text().replace("{% endif %}\n}", "{% endif %}"))
    with pytest.raises(CommandError, match=r"audit_trail: examples\[0\]: .*main\.tf"):
        said("check")


def test_a_broken_folder_is_told_by_the_command_and_by_the_check_before_every_start(
    broken: Path,
) -> None:
    words = f"{broken}: sufix: there is no such key (found 'db')."
    with pytest.raises(CommandError) as refusal:
        said("check")
    assert str(refusal.value) == words
    assert [message.msg for message in checks.catalog()] == [words]


@pytest.mark.parametrize("start", [["-c", "import infrallm_portal.wsgi"], ["manage.py", "worker"]])
def test_a_broken_folder_stops_server_and_worker_with_file_key_and_reason(
    broken: Path, start: list[str]
) -> None:
    environment = {**os.environ, "CATALOG_PATHS": str(broken.parent.parent)}
    ended = subprocess.run(
        [sys.executable, *start],
        cwd=PROJECT,
        env=environment,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert ended.returncode == 1
    assert f"{broken}: sufix: there is no such key" in ended.stderr
    assert "Traceback" not in ended.stderr
