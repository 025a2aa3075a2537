"""What the terraform program may see, use and leave behind. Most of it is shown with a small program in its place."""

import os
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from infrallm_portal.provider_mirror import find_provider_mirror
from provisioning.adapters.bounded import Limits
from provisioning.adapters.slots import slot
from provisioning.adapters.terraform import JOB_PREFIX, Terraform
from provisioning.domain import TerraformPlan
from provisioning.domain.health import Health
from provisioning.errors import CheckFailedError, UpstreamRefusedError, UpstreamUnavailableError
from tests.support.a_rendering import a_rendering, with_more, with_other

PROJECT = Path(__file__).parents[2]
STATE_MACHINE = """\

resource "aws_sfn_state_machine" "this" {
  name       = var.name
  role_arn   = "arn:aws:iam::123456789012:role/x"
  definition = jsonencode({ StartAt = "A", States = { A = { Type = "Succeed" } } })
}
"""


@pytest.fixture
def own_temporary_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    folder = tmp_path / "temporary"
    folder.mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(folder))
    return folder


@pytest.fixture(scope="module")
def work() -> Iterator[Path]:
    with tempfile.TemporaryDirectory(prefix="tf-work-") as folder:
        yield Path(folder)


@pytest.fixture
def terraform(work: Path) -> Terraform:
    return Terraform("terraform", work, find_provider_mirror())


def program(folder: Path, script: str) -> str:
    path = folder / "terraform"
    path.write_text(f"#!/bin/sh\n{script}\n", encoding="utf-8")
    path.chmod(0o755)
    return str(path)


def test_it_sees_nothing_of_the_portals_environment(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GITHUB_TOKEN", "a-token-of-the-portal")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "a-key-of-the-portal")
    monkeypatch.setenv("TF_VAR_name", "smuggled")
    seen = tmp_path / "seen"
    checker = Terraform(
        program(tmp_path, f"env > {seen}; cat /proc/self/environ >> {seen}; exit 1"),
        tmp_path / "work",
    )
    with pytest.raises(CheckFailedError):
        checker.check([a_rendering()])
    text = seen.read_text(encoding="utf-8")
    assert "portal" not in text.replace(str(tmp_path), "")
    names = {line.partition("=")[0] for line in text.partition("\0")[0].splitlines() if "=" in line}
    shell_adds = {"PWD", "OLDPWD", "SHLVL", "_"}
    assert names - shell_adds <= {
        "PATH",
        "HOME",
        "TMPDIR",
        "TF_CLI_CONFIG_FILE",
        "TF_IN_AUTOMATION",
        "TF_INPUT",
    }


def test_its_home_and_its_files_are_gone_afterwards(
    tmp_path: Path, own_temporary_folder: Path
) -> None:
    homes = tmp_path / "homes"
    checker = Terraform(
        program(tmp_path, f'echo "$HOME" >> {homes}; touch "$HOME/left"; exit 1'), tmp_path / "work"
    )
    with pytest.raises(CheckFailedError):
        checker.check([a_rendering()])
    home = Path(homes.read_text(encoding="utf-8").splitlines()[0])
    assert home.parent == own_temporary_folder
    assert list(own_temporary_folder.iterdir()) == []


def test_what_a_killed_process_left_is_removed_by_the_next(
    tmp_path: Path, own_temporary_folder: Path
) -> None:
    left, fresh = (
        own_temporary_folder / f"{JOB_PREFIX}left",
        own_temporary_folder / f"{JOB_PREFIX}fresh",
    )
    (left / "0").mkdir(parents=True)
    fresh.mkdir()
    os.utime(left, (0, 0))
    checker = Terraform(program(tmp_path, "exit 1"), tmp_path / "work")
    with pytest.raises(CheckFailedError):
        checker.check([a_rendering()])
    assert list(own_temporary_folder.iterdir()) == [fresh]


def test_it_ends_in_time_with_everything_it_started(tmp_path: Path) -> None:
    pids = tmp_path / "pids"
    script = f"sleep 600 & echo $! $$ > {pids}; wait"
    checker = Terraform(program(tmp_path, script), tmp_path / "work", limits=Limits(seconds=1))
    with pytest.raises(
        UpstreamUnavailableError, match=r"terraform fmt did not finish in 1 seconds\."
    ) as refused:
        checker.check([a_rendering()])
    assert refused.value.retryable
    for pid in pids.read_text(encoding="utf-8").split():
        until(gone(int(pid)))


def test_it_ends_soon_after_a_portal_process_that_was_killed(tmp_path: Path) -> None:
    pids = tmp_path / "pids"
    binary = program(tmp_path, f"sleep 600 & echo $! $$ > {pids}; wait")
    portal = subprocess.Popen([sys.executable, "-c", ONE_RUN, binary, str(tmp_path)], cwd=PROJECT)
    until(lambda: pids.exists() and len(pids.read_text(encoding="utf-8").split()) == 2)
    portal.kill()
    portal.wait()
    for pid in pids.read_text(encoding="utf-8").split():
        until(gone(int(pid)))


ONE_RUN = """
import sys
from pathlib import Path
from provisioning.adapters import bounded
bounded.ORPHAN_GRACE_SECONDS = 0
bounded.run([sys.argv[1]], Path(sys.argv[2]), {"PATH": "/usr/bin:/bin"}, bounded.Limits(seconds=1))
"""


def test_its_output_is_bounded(tmp_path: Path) -> None:
    checker = Terraform(
        program(tmp_path, "exec yes"), tmp_path / "work", limits=Limits(seconds=120)
    )
    with pytest.raises(UpstreamUnavailableError, match="ended by signal"):
        checker.check([a_rendering()])


def test_no_more_than_the_allowed_number_run_at_once(tmp_path: Path) -> None:
    with (
        slot(tmp_path, 2, 0),
        slot(tmp_path, 2, 0),
        pytest.raises(UpstreamUnavailableError, match="busy"),
        slot(tmp_path, 2, 0),
    ):
        pass


def test_a_waiting_check_starts_when_another_ends(tmp_path: Path) -> None:
    started = threading.Event()

    def wait_for_it() -> None:
        with slot(tmp_path, 1, 60):
            started.set()

    waiting = threading.Thread(target=wait_for_it)
    with slot(tmp_path, 1, 0):
        waiting.start()
        assert not started.is_set()
    waiting.join(60)
    assert started.is_set()


def test_a_slot_of_a_killed_process_is_free_again(tmp_path: Path) -> None:
    code = (
        "import sys; from pathlib import Path; from provisioning.adapters.slots import slot\n"
        "with slot(Path(sys.argv[1]), 1, 0): print('held', flush=True); sys.stdin.read()"
    )
    other = subprocess.Popen(
        [sys.executable, "-c", code, str(tmp_path)],
        cwd=PROJECT,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    with other:
        assert other.stdout
        assert other.stdout.readline() == "held\n"
        with pytest.raises(UpstreamUnavailableError), slot(tmp_path, 1, 0):
            pass
        other.kill()
    with slot(tmp_path, 1, 5):
        pass


def test_a_program_that_is_not_there_is_said_in_words(tmp_path: Path) -> None:
    checker = Terraform("no-such-terraform", tmp_path)
    with pytest.raises(
        UpstreamRefusedError, match="no-such-terraform is not there or cannot be started"
    ):
        checker.check([a_rendering()])
    assert checker.health().detail == "no-such-terraform is not there or cannot be started."


def test_a_mirror_that_is_not_there_is_said_in_words(tmp_path: Path) -> None:
    mirror = tmp_path / "nowhere"
    assert (
        Terraform(program(tmp_path, ""), tmp_path, mirror).health().detail
        == f"the provider mirror {mirror} is not there."
    )


def test_health_is_asked_for_once_a_minute(tmp_path: Path) -> None:
    asked = tmp_path / "asked"
    checker = Terraform(
        program(tmp_path, f'echo x >> {asked}; echo \'{{"terraform_version": "1.2.3"}}\''), tmp_path
    )
    assert [checker.health() for _ in range(3)] == [Health("ok", "Terraform 1.2.3")] * 3
    assert asked.read_text(encoding="utf-8") == "x\n"


@pytest.mark.terraform
def test_the_plan_tells_what_would_be_added(terraform: Terraform) -> None:
    report = terraform.check([a_rendering()])
    assert report.plan == TerraformPlan(
        2, 0, 0, ("aws_s3_bucket.this", "aws_s3_bucket_versioning.this")
    )
    assert {check.name for check in report.checks} >= {
        "syntax",
        "values",
        "fmt",
        "validate",
        "plan",
    }


@pytest.mark.terraform
def test_the_plans_of_several_resources_are_added_up(terraform: Terraform) -> None:
    report = terraform.check([a_rendering("a"), a_rendering("b")])
    assert report.plan
    assert report.plan.add == 4


@pytest.mark.terraform
def test_a_state_machine_is_validated_and_not_planned_which_is_said(terraform: Terraform) -> None:
    report = terraform.check([with_more("main_tf", STATE_MACHINE)])
    checks = {check.name: check for check in report.checks}
    assert report.plan is None
    assert checks["validate"].passed is True
    assert checks["plan"].passed is None
    assert "AWS itself validates" in checks["plan"].detail


@pytest.mark.terraform
@pytest.mark.parametrize(
    ("addition", "words"),
    [
        (
            '\nresource "aws_sqs_queue" "this" {\n  nmae = "x"\n}\n',
            r"Unsupported argument.*main\.tf, line 15",
        ),
        (
            '\nresource "aws_sqs_queue" "this" {\n  name = "not a name"\n}\n',
            r"invalid queue name.*main\.tf, line 14",
        ),
        (
            '\nresource "aws_sqs_queue" "this" {\n  name   = "x"\n}\n',
            r"fmt refuses.*main\.tf is not in canonical form",
        ),
    ],
)
def test_what_only_terraform_sees_is_refused_with_its_words(
    terraform: Terraform, addition: str, words: str
) -> None:
    with pytest.raises(CheckFailedError, match=words):
        terraform.check([with_more("main_tf", addition)])


@pytest.mark.terraform
def test_a_provider_that_the_mirror_does_not_have_is_said_in_words(work: Path) -> None:
    checker = Terraform("terraform", work, work)
    with pytest.raises(
        UpstreamRefusedError, match=r"cannot get its providers from the mirror .*hashicorp/aws"
    ):
        checker.check([a_rendering()])
    assert not list((work / "providers").glob("new-*"))


@pytest.mark.terraform
def test_too_little_memory_is_the_operators_matter_and_not_the_requests(
    terraform: Terraform, work: Path
) -> None:
    terraform.check([a_rendering()])
    small = Terraform("terraform", work, find_provider_mirror(), Limits(memory_mb=100))
    with pytest.raises(UpstreamRefusedError, match="more than the 100 MB"):
        small.check([a_rendering()])


@pytest.mark.terraform
def test_the_network_and_an_account_are_not_needed_and_the_backend_is_not_asked(
    terraform: Terraform,
) -> None:
    rendered = with_other("backend_tf", "acme-terraform-state", "a-bucket-that-nobody-has")
    assert terraform.check([rendered]).plan


def alive(pid: int) -> bool:
    """A zombie that nobody has collected yet runs no more."""
    try:
        return (
            Path(f"/proc/{pid}/stat").read_text(encoding="utf-8").rpartition(")")[2].split()[0]
            != "Z"
        )
    except (FileNotFoundError, ProcessLookupError):
        return False


def gone(pid: int) -> Callable[[], bool]:
    return lambda: not alive(pid)


def until(condition: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 60
    while not condition():
        assert time.monotonic() < deadline, "it did not happen within a minute"
        time.sleep(0.02)
