"""Apply, plan again, destroy: on moto, an emulator of AWS that runs on this machine and ends with the certification.

Whatever goes wrong here may be the emulator's fault, so it is never more than "not proved", with the cause; only an exception
that does not hold fails.
"""

import json
import os
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from provisioning.adapters.bounded import Finished, Limits, run
from provisioning.adapters.terraform_output import diagnostics, first_error, plan_of
from provisioning.adapters.terraform_providers import LOCK_FILE, Installation
from provisioning.certify import exceptions
from provisioning.certify.batch import LESS_COLLECTING
from provisioning.certify.exceptions import Exceptions
from provisioning.domain import RenderedResource
from provisioning.errors import UpstreamRefusedError, UpstreamUnavailableError
from provisioning.pipeline.check import BACKEND, TFVARS, read_tfvars

FOUNDATION = Path(__file__).parent / "foundation"
LIMITS = Limits(
    seconds=900.0, memory_mb=4096
)  # the provider itself sleeps ten minutes over some kinds of resource
START_SECONDS = 60.0
PLAN = "again.plan"
COMMON_FLAGS = ("-json", "-no-color", "-input=false")
FLAGS = {"show": ("-json", "-no-color"), "state": ()}
# Without a bound on retries the provider repeats what the emulator does not implement for minutes.
ACCOUNT = """\
provider "aws" {
  access_key                  = "none"
  secret_key                  = "none"
  max_retries                 = 2
  s3_use_path_style           = true
  skip_credentials_validation = true
  skip_metadata_api_check     = true
  skip_requesting_account_id  = true
  allowed_account_ids         = null
}
"""


@dataclass(frozen=True, slots=True)
class Emulator:
    """`given` replaces the variables of its names: what the foundation has made there."""

    installation: Installation
    address: str
    version: str
    given: Mapping[str, Any]


@contextmanager
def emulator(installation: Installation, moto: str) -> Iterator[Emulator]:
    """Raises `UpstreamRefusedError` when moto does not start or the foundation cannot be made in it."""
    with _server(moto) as address, tempfile.TemporaryDirectory(prefix="infrallm-moto-") as home:
        folder = Path(shutil.copytree(FOUNDATION, Path(home) / "foundation"))
        bare = Emulator(installation, address, _version(moto), {})
        done = _terraform(bare, folder, "apply", "-auto-approve")
        if done.code:
            raise UpstreamRefusedError(
                f"The foundation cannot be made in the emulator: {first_error(diagnostics(done.out))}"
            )
        state = json.loads((folder / "terraform.tfstate").read_text(encoding="utf-8"))
        yield replace(
            bare, given={name: output["value"] for name, output in state["outputs"].items()}
        )


def applied(
    emulated: Emulator, rendered: RenderedResource, excepted: Exceptions = ()
) -> tuple[bool | None, str]:
    """True when it could be applied, a second plan had nothing to do and everything could be destroyed, twice, but for
    `excepted`. False when an exception is not true of the code or of the emulator."""
    missing = exceptions.unknown(excepted, rendered.files)
    if missing:
        return False, f"Excepted, but not in the code: {', '.join(missing)}."
    with tempfile.TemporaryDirectory(prefix="infrallm-moto-") as home:
        folder = Path(home) / "resource"
        folder.mkdir()
        _write(folder, rendered, emulated.given)
        try:
            passed, detail = _lifecycle(emulated, folder, rendered, excepted)
        except UpstreamUnavailableError as error:
            return None, f"The emulator was too slow or never ready: {error.message}"
    return passed, detail + exceptions.in_words(excepted)


def _lifecycle(
    emulated: Emulator, folder: Path, rendered: RenderedResource, excepted: Exceptions
) -> tuple[bool | None, str]:
    _override(folder, exceptions.override(excepted, rendered.files, ignoring=False))
    done = _terraform(emulated, folder, "apply", "-auto-approve")
    made = plan_of(done.out)
    if done.code or made is None:
        cause = first_error(diagnostics(done.out)) or done.err[-300:]
        _terraform(emulated, folder, "destroy", "-auto-approve")
        return None, f"The emulator does not apply it: {cause}"
    changed = _planned_again(emulated, folder)
    _override(folder, exceptions.override(excepted, rendered.files, ignoring=True))
    # Only what is excepted is ignored now: whatever is still planned is not what the type said.
    left = _planned_again(emulated, folder) if changed else {}
    why_not_gone = _destroyed(emulated, folder, [one.resource for one in excepted if one.stays])
    unused = exceptions.unused(excepted, changed)
    if why_not_gone:
        return None, f"{made.add} applied; the emulator does not destroy it: {why_not_gone}"
    if left:
        return (
            None,
            f"{made.add} applied and destroyed; the emulator gives back other values: {_listed(left)}.",
        )
    if unused:
        return False, f"{', '.join(unused)} is excepted, but comes back as it was given."
    once = f"{made.add} applied, planned again without a change, destroyed with nothing left"
    return _twice(emulated, folder, rendered, excepted, once)


def _twice(
    emulated: Emulator,
    folder: Path,
    rendered: RenderedResource,
    excepted: Exceptions,
    once: str,
) -> tuple[bool | None, str]:
    if any(one.stays for one in excepted):
        return True, f"{once}."
    why_not = _second_life(emulated, folder, rendered, excepted)
    if why_not:
        return None, f"{once}; a second time it is not: {why_not}"
    return True, f"{once}; and the same a second time."


def _second_life(
    emulated: Emulator, folder: Path, rendered: RenderedResource, excepted: Exceptions
) -> str:
    """What the first one left behind (a snapshot, a name) is in the way now. What went wrong, or ""."""
    _override(folder, exceptions.override(excepted, rendered.files, ignoring=False))
    done = _terraform(emulated, folder, "apply", "-auto-approve")
    if done.code:
        cause = first_error(diagnostics(done.out)) or done.err[-300:]
        _terraform(emulated, folder, "destroy", "-auto-approve")
        return cause
    return _destroyed(emulated, folder, [])


def _planned_again(emulated: Emulator, folder: Path) -> exceptions.Changes:
    """Empty when there is nothing to do."""
    again = plan_of(_terraform(emulated, folder, "plan", f"-out={PLAN}").out)
    if again is None:
        return {"what it cannot plan again": {}}
    return (
        exceptions.changes(_terraform(emulated, folder, "show", PLAN).out)
        if again.resources
        else {}
    )


def _destroyed(emulated: Emulator, folder: Path, staying: Sequence[str]) -> str:
    """What went wrong, or ""."""
    for address in staying:
        _terraform(emulated, folder, "state", "rm", address)
    gone = _terraform(emulated, folder, "destroy", "-auto-approve")
    left = json.loads((folder / "terraform.tfstate").read_text(encoding="utf-8"))["resources"]
    return (first_error(diagnostics(gone.out)) or f"{len(left)} left") if gone.code or left else ""


def _listed(changed: exceptions.Changes) -> str:
    known = {
        address: [path for path in sorted(paths) if paths[path]]
        for address, paths in sorted(changed.items())
    }
    return "; ".join(
        f"{', '.join(paths) or 'all'} of {address}" for address, paths in known.items()
    )


def _override(folder: Path, content: Mapping[str, Any]) -> None:
    (folder / "exceptions_override.tf.json").write_text(json.dumps(content), encoding="utf-8")


def _write(folder: Path, rendered: RenderedResource, given: Mapping[str, Any]) -> None:
    for name, text in rendered.files.items():
        if name not in {BACKEND, TFVARS}:
            (folder / name).write_text(text, encoding="utf-8")
    values = read_tfvars(rendered.files[TFVARS])
    placed = {
        name: given[name] if name in given and value else value for name, value in values.items()
    }
    (folder / TFVARS).write_text(json.dumps(placed), encoding="utf-8")


def _terraform(emulated: Emulator, folder: Path, *step: str) -> Finished:
    installation = emulated.installation
    (folder / "portal_override.tf").write_text(ACCOUNT, encoding="utf-8")
    initialized = installation.initialized((folder / "providers.tf").read_text(encoding="utf-8"))
    shutil.copy(initialized / LOCK_FILE, folder)
    environment = {
        **installation.environment(folder.parent),
        **LESS_COLLECTING,
        "TF_DATA_DIR": str(initialized / ".terraform"),
        "AWS_ENDPOINT_URL": emulated.address,
    }
    command = [installation.binary, step[0], *FLAGS.get(step[0], COMMON_FLAGS), *step[1:]]
    return run(command, folder, environment, LIMITS)


@contextmanager
def _server(moto: str) -> Iterator[str]:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    environment = {"PATH": "/usr/bin:/bin", "MOTO_IAM_LOAD_MANAGED_POLICIES": "true"}
    server = subprocess.Popen(
        [moto, "-H", "127.0.0.1", "-p", str(port)],
        env=environment,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )
    try:
        _wait_for(port, server)
        yield f"http://127.0.0.1:{port}"
    finally:
        os.killpg(server.pid, signal.SIGKILL)
        server.wait()


def _wait_for(port: int, server: subprocess.Popen[bytes]) -> None:
    deadline = time.monotonic() + START_SECONDS
    while time.monotonic() < deadline and server.poll() is None:
        try:
            socket.create_connection(("127.0.0.1", port), timeout=5).close()
        except OSError:
            time.sleep(0.2)
        else:
            return
    raise UpstreamRefusedError("moto does not start.")


def _version(moto: str) -> str:
    """Of the package beside the program."""
    asked = [
        str(Path(moto).parent / "python"),
        "-c",
        "import importlib.metadata as m; print(m.version('moto'))",
    ]
    return subprocess.run(
        asked, capture_output=True, text=True, check=True, timeout=START_SECONDS
    ).stdout.strip()
