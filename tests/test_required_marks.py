"""CI fails when the tests that need a program did not run."""

import os
import subprocess
import sys

import pytest

from infrallm_portal import PROJECT

CHOSEN = "tests/test_lock_files.py::test_the_version_is_said_once"


@pytest.mark.parametrize(("marks", "code"), [("browser", 1), ("", 0)])
def test_a_run_without_the_required_marks_fails(marks: str, code: int) -> None:
    command = [sys.executable, "-m", "pytest", "-q", "-n0", "-p", "no:cacheprovider", CHOSEN]
    environment = {**os.environ, "REQUIRE_MARKS": marks}
    done = subprocess.run(command, cwd=PROJECT, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == code, done.stdout + done.stderr
    assert ("no test marked 'browser' has passed" in done.stdout) == bool(marks)
