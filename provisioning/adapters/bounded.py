"""Runs a program that is not trusted with anything: a scrubbed environment, bounded time, memory and output, and nothing of it
left running afterwards."""

import contextlib
import os
import shutil
import signal
import subprocess
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from provisioning.errors import UpstreamRefusedError, UpstreamUnavailableError

# The shell sets the limits and becomes the program, so that there is no moment without them. RLIMIT_DATA counts what is really
# written to (Go reserves far more addresses than it uses), each process for itself; output goes to files, 512 bytes a block.
_LIMITED = 'ulimit -d "$1" && ulimit -f "$2" && shift 2 && exec "$@"'
# Room for any plan in JSON; a program that writes on and on must not fill the disk.
MAX_OUTPUT_BYTES = 64 * 1024 * 1024
# Longer than the limit itself, so that in a process that lives its own sentence is said.
ORPHAN_GRACE_SECONDS = 10
# How a shell says that it could not start a program, and that a signal ended one (POSIX, "Exit Status for Commands").
NOT_STARTED = {126, 127}
SIGNALED = 128
# Go's and the kernel's words; there is no exit code for it.
NO_MEMORY = ("out of memory", "cannot allocate memory")


@dataclass(frozen=True, slots=True)
class Limits:
    """`memory_mb` holds for each process; terraform starts one per provider beside itself."""

    seconds: float = 60.0
    memory_mb: int = 2048
    concurrency: int = 2
    wait_seconds: float = 60.0


@dataclass(frozen=True, slots=True)
class Finished:
    code: int
    out: str
    err: str


def run(
    command: Sequence[str], folder: Path, environment: Mapping[str, str], limits: Limits
) -> Finished:
    """The program sees `environment` and nothing else. Raises `UpstreamUnavailableError` when it took
    too long, `UpstreamRefusedError` when it is not there or ran out of the memory it may use."""
    with tempfile.TemporaryFile() as out, tempfile.TemporaryFile() as err:
        try:
            process = subprocess.Popen(
                [*_guard(limits), *command],
                cwd=folder,
                env=dict(environment),
                stdin=subprocess.DEVNULL,
                stdout=out,
                stderr=err,
                # A group of its own, so that everything it starts can be ended with it.
                start_new_session=True,
            )
        except OSError as error:
            raise UpstreamRefusedError(
                f"{command[0]} cannot be started: {error.strerror}."
            ) from error
        code = _wait(process, command, limits)
        finished = Finished(code, _text(out), _text(err))
    _check_end(finished, command, limits)
    return finished


def _check_end(finished: Finished, command: Sequence[str], limits: Limits) -> None:
    """What is said about the program, not about its input."""
    if finished.code in NOT_STARTED:
        raise UpstreamRefusedError(f"{command[0]} is not there or cannot be started.")
    if finished.code != 0 and any(words in finished.err + finished.out for words in NO_MEMORY):
        raise UpstreamRefusedError(
            f"{_said(command)} needs more than the {limits.memory_mb} MB it may use; raise the limit."
        )
    if finished.code < 0 or finished.code > SIGNALED:
        raise UpstreamUnavailableError(
            f"{_said(command)} was ended by signal {abs(finished.code) % SIGNALED}."
        )


def _guard(limits: Limits) -> list[str]:
    """`timeout` ends the program also when this process is killed and cannot do it."""
    shell = [
        "/bin/sh",
        "-c",
        _LIMITED,
        "sh",
        str(limits.memory_mb * 1024),
        str(MAX_OUTPUT_BYTES // 512),
    ]
    timeout = shutil.which("timeout")
    return (
        [timeout, "--signal=KILL", str(limits.seconds + ORPHAN_GRACE_SECONDS), *shell]
        if timeout
        else shell
    )


def _wait(process: subprocess.Popen[bytes], command: Sequence[str], limits: Limits) -> int:
    try:
        return process.wait(timeout=limits.seconds)
    except subprocess.TimeoutExpired as error:
        raise UpstreamUnavailableError(
            f"{_said(command)} did not finish in {limits.seconds:g} seconds."
        ) from error
    finally:
        _end_group(process)


def _end_group(process: subprocess.Popen[bytes]) -> None:
    """The providers that it started belong to its group and end with it."""
    with contextlib.suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)
    process.wait()


def _text(file: IO[bytes]) -> str:
    file.seek(0)
    return file.read(MAX_OUTPUT_BYTES).decode(errors="replace")


def _said(command: Sequence[str]) -> str:
    return " ".join([Path(command[0]).name, *command[1:2]])
