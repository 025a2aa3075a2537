"""Settings that once were read and never used, and commands that need none."""

import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from infrallm_portal import PROJECT
from infrallm_portal.configuration import signs_nothing
from provisioning import checks, wiring
from provisioning.adapters.terraform import Terraform
from provisioning.adapters.terraform_found import FoundTerraform
from provisioning.domain import Generated, Submission
from provisioning.requests import services

Portal = Callable[..., None]


def run(*command: str) -> subprocess.CompletedProcess[str]:
    """In a fresh clone: no setting at all."""
    return subprocess.run(
        [sys.executable, str(PROJECT / "manage.py"), *command],
        env={"PATH": "/usr/bin:/bin", "ENV_FILE": os.devnull, "DATA_DIR": "/nowhere"},
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.mark.parametrize(
    ("command", "says"),
    [
        (["catalog", "check"], "resource types without a mistake"),
        (["catalog", "render", "s3"], "# "),
        (["certify", "no_such_type"], "There is no resource type no_such_type"),
        (["understand", "--help"], "CORPUS.jsonl"),
        (["web", "--help"], "WEB_PROCESSES"),
        ([], "Available subcommands"),
    ],
)
def test_a_command_that_signs_nothing_runs_without_any_setting(
    command: list[str], says: str
) -> None:
    done = run(*command)
    assert says in done.stdout + done.stderr
    assert "SECRET_KEY" not in done.stdout + done.stderr


def test_understand_reads_a_file_without_any_setting(tmp_path: Path) -> None:
    (tmp_path / "in").write_text('{"id": 1, "text": "staging S3 bucket for logs"}\n')
    done = run("understand", f"--input={tmp_path / 'in'}", f"--output={tmp_path / 'out'}")
    assert done.returncode == 0, done.stderr
    assert '"environment": "staging"' in (tmp_path / "out").read_text()


@pytest.mark.parametrize("command", ["web", "worker", "migrate", "check", "runserver"])
def test_what_signs_or_serves_still_wants_the_key(command: str) -> None:
    done = run(command)
    assert done.returncode == 1
    assert done.stderr.startswith("SECRET_KEY is not set")


def test_a_server_that_is_not_manage_py_wants_the_key_whatever_its_arguments() -> None:
    assert not signs_nothing(["/usr/bin/granian", "catalog"])
    assert not signs_nothing(["manage.py", "web", "catalog"])
    assert signs_nothing(["/portal/manage.py", "catalog", "new"])


def previewed(text: str) -> Generated:
    return services.preview(Submission(text, "ana@example.com"))


@pytest.mark.django_db
@pytest.mark.parametrize("environment", ["staging", "prod"])
def test_the_default_environment_is_the_settings(portal: Portal, environment: str) -> None:
    wiring.catalog.cache_clear()
    portal(default_environment=environment)
    [resource] = previewed("S3 bucket for logs").requirements.resources
    assert (resource.environment.value, resource.environment.origin.kind) == (
        environment,
        "default",
    )
    [said] = previewed("dev S3 bucket for logs").requirements.resources
    assert said.environment.value == "dev"
    wiring.catalog.cache_clear()


@pytest.mark.django_db
def test_without_the_setting_the_platforms_default_holds(portal: Portal) -> None:
    [resource] = previewed("S3 bucket for logs").requirements.resources
    assert resource.environment.value == wiring.catalog().platform.default_environment


def test_an_unknown_default_environment_stops_the_start_and_names_the_known(
    portal: Portal,
) -> None:
    wiring.catalog.cache_clear()
    portal(default_environment="qa")
    [message] = checks.catalog()
    assert message.msg == "DEFAULT_ENVIRONMENT is 'qa': it must be one of dev, staging, prod."
    wiring.catalog.cache_clear()


def on_path(folder: Path, monkeypatch: pytest.MonkeyPatch, body: str) -> None:
    folder.mkdir()
    program = folder / "terraform"
    program.write_text(f"#!/bin/sh\n{body}\n")
    program.chmod(0o755)
    monkeypatch.setenv("PATH", f"{folder}{os.pathsep}{os.environ['PATH']}")


def test_terraform_on_path_plans_without_a_setting(
    portal: Portal, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    on_path(tmp_path / "bin", monkeypatch, "exit 1")
    portal(terraform_binary="")
    checker = wiring.checker()
    assert isinstance(checker, FoundTerraform)
    assert checker.terraform.installation.binary == str(tmp_path / "bin" / "terraform")


def test_off_does_without_terraform_and_a_path_is_taken(
    portal: Portal, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    on_path(tmp_path / "bin", monkeypatch, "exit 1")
    portal(terraform_binary="off")
    assert wiring.checker().name == wiring.preview_checker().name
    portal(terraform_binary="/opt/own/terraform")
    checker = wiring.checker()
    assert isinstance(checker, Terraform)
    assert checker.installation.binary == "/opt/own/terraform"


def test_no_terraform_on_path_checks_in_process(
    portal: Portal, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    assert shutil.which("terraform") is None
    portal(terraform_binary="")
    assert wiring.checker().name == wiring.preview_checker().name


@pytest.mark.django_db
def test_a_found_terraform_without_providers_is_said_and_the_request_goes_on(
    portal: Portal, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    on_path(
        tmp_path / "bin", monkeypatch, '[ "$1" = init ] && { echo no network >&2; exit 1; }; exit 0'
    )
    portal(terraform_binary="", terraform_provider_mirror=tmp_path)
    generated = previewed("staging S3 bucket for logs")
    report = wiring.checker().check(generated.resources)
    [skipped] = [check for check in report.checks if check.passed is None]
    assert "no network" in skipped.detail
    assert "TERRAFORM_BINARY=off" in skipped.detail
    assert any(check.passed for check in report.checks)
