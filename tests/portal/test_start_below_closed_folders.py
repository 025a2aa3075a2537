"""`make run`'s start where checkout, data and the programs of Postgres all lie below a folder with mode 0700: as root, and as
an ordinary user in a home of their own. It is up when the first request is completed."""

import os
import pwd
import shutil
import signal
import subprocess
import sys
import sysconfig
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from infrallm_portal import PROJECT
from tests.portal.test_closed_folders import copy_programs
from tests.support.whole_portal import running

pytestmark = [
    pytest.mark.run,
    pytest.mark.xdist_group("devdb"),
    pytest.mark.skipif(os.geteuid() != 0, reason="only root can become somebody else"),
]
STARTED = ("manage.py", "infrallm_portal", "provisioning", "static", "terraform_templates")
PACKAGES = sysconfig.get_path("purelib")
NOBODY = pwd.getpwnam("nobody")
# setpriv itself still has root's rights when it starts a program, which that program no longer has for its own children.
STARTS_ITSELF = """
import subprocess, sys
imports = "import django, psycopg, granian, pydantic_core"
sys.exit(subprocess.run([sys.executable, "-c", imports]).returncode)
"""
AS_NOBODY = [
    "setpriv",
    f"--reuid={NOBODY.pw_uid}",
    f"--regid={NOBODY.pw_gid}",
    "--clear-groups",
    "--inh-caps=-all",
    "--bounding-set=-all",
]


@pytest.fixture
def closed() -> Iterator[Path]:
    folder = Path(tempfile.mkdtemp(prefix="infrallm-home-"))
    copy_programs(folder / "packages")
    (folder / "portal").mkdir()
    for name in STARTED:
        copy = shutil.copytree if (PROJECT / name).is_dir() else shutil.copy
        copy(PROJECT / name, folder / "portal" / name)
    (folder / "var").mkdir(mode=0o700)
    assert folder.stat().st_mode & 0o777 == 0o700
    yield folder
    shutil.rmtree(folder)


def python_of_nobody() -> str:
    """An interpreter of this version that an ordinary user may start, with the packages that we have; "" for none."""
    name = f"python3.{sys.version_info.minor}"
    for found in (sys.executable, shutil.which(name, path="/usr/bin:/usr/local/bin")):
        command = [*AS_NOBODY, found or "", "-c", STARTS_ITSELF]
        tried = subprocess.run(
            command, env={"PYTHONPATH": PACKAGES}, cwd="/", capture_output=True, check=False
        )
        if found and tried.returncode == 0:
            return found
    return ""


def assert_first_request_is_completed(closed: Path, python: list[str]) -> None:
    packages = os.pathsep.join((str(closed / "packages"), PACKAGES))
    command = [*python, str(closed / "portal/manage.py"), "dev"]
    surroundings = {"PYTHONPATH": packages, "HOME": str(closed)}
    with running(closed / "var", command, **surroundings) as portal:
        portal.ready()
        assert "Pull request opened" in portal.said
        portal.end(signal.SIGTERM)


def test_root_starts_the_whole_portal_below_a_closed_folder(closed: Path) -> None:
    assert_first_request_is_completed(closed, [sys.executable])


def test_an_ordinary_user_starts_it_in_a_closed_home_of_their_own(closed: Path) -> None:
    python = python_of_nobody()
    if not python:
        pytest.skip("no Python of this version that an ordinary user may start")
    for path in (closed, *closed.rglob("*")):
        os.chown(path, NOBODY.pw_uid, NOBODY.pw_gid, follow_symlinks=False)
    assert_first_request_is_completed(closed, [*AS_NOBODY, python])
