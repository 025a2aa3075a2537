"""CI fails when the tests that need a program did not run."""

import os
import subprocess
import sys

from infrallm_portal import PROJECT

CHOSEN = "tests/project/test_lock_files.py::test_the_version_is_said_once"


def test_a_run_without_the_required_marks_fails_though_its_tests_pass() -> None:
    command = [sys.executable, "-m", "pytest", "-q", "-n0", "-p", "no:cacheprovider", CHOSEN]
    environment = {**os.environ, "REQUIRE_MARKS": "browser"}
    done = subprocess.run(
        command, cwd=PROJECT, env=environment, capture_output=True, text=True, check=False
    )
    assert done.returncode == 1, done.stdout + done.stderr
    assert "no test marked 'browser' has passed" in done.stdout
    assert "1 passed" in done.stdout
