"""The short form: one of each kind of fault. `make chaos` is the long one."""

import os
import subprocess
import sys

import pytest

from tests.support.worker_process import PROJECT

ONE_OF_EACH = "|".join(
    (
        "busy worker, (pull after|Git, completed)",
        "kill -9 (monitor|sentinel), idle",
        "main process, completed",
        "whole tree, commit after",
        "SIGTERM to the group, claude before",
        "Postgres killed, pull after",
        "connections cut, claude before",
        "disk full: results",
        "then kill -9 busy worker",
        "GitHub down",
    )
)


@pytest.mark.chaos
@pytest.mark.skipif(sys.platform != "linux", reason="children die with their parent on Linux only")
def test_nothing_is_lost_and_nothing_doubled_whatever_breaks() -> None:
    environment = {name: value for name, value in os.environ.items() if name != "DATABASE_URL"}
    command = [sys.executable, "-m", "tests.chaos", "--once", "--only", ONE_OF_EACH]
    done = subprocess.run(
        command, cwd=PROJECT, env=environment, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert "all " in done.stdout
