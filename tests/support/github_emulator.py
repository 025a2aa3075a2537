"""GitHub's npm emulator as a process, and repositories in it."""

import fcntl
import json
import shutil
import socket
import subprocess
import uuid
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
import requests

FOLDER = Path(__file__).parents[1] / "js"
PROGRAM = FOLDER / "node_modules" / "emulate" / "dist" / "index.js"
TOKEN = "portal_token"
SEED: dict[str, Any] = {
    "tokens": {TOKEN: {"login": "portal", "scopes": ["repo"]}},
    "github": {
        "users": [{"login": "portal"}],
        "orgs": [{"login": "acme", "members": [{"login": "portal", "role": "admin"}]}],
    },
}


def install() -> None:
    """Once per clone, also when several test processes start together. Skips where there is no node or no registry."""
    if not shutil.which("node") or not shutil.which("npm"):
        pytest.skip("node and npm are not installed: GitHub's emulator cannot run")
    with (FOLDER / "package.json").open() as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not PROGRAM.exists():
            command = ["npm", "ci", "--no-audit", "--no-fund", "--prefix", str(FOLDER)]
            done = subprocess.run(command, capture_output=True, text=True, check=False)
            if done.returncode:
                pytest.skip(
                    f"npm could not install GitHub's emulator: {done.stderr.strip()[-300:]}"
                )


@contextmanager
def running(folder: Path, apps: Sequence[dict[str, Any]] = ()) -> Iterator[str]:
    install()
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    seed = folder / "seed.json"
    seed.write_text(json.dumps({**SEED, "github": {**SEED["github"], "apps": list(apps)}}))
    command = [
        "node",
        str(PROGRAM),
        "start",
        "--service",
        "github",
        "--port",
        str(port),
        "--seed",
        str(seed),
    ]
    with subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
    ) as process:
        try:
            assert process.stdout is not None
            said = []
            for line in process.stdout:
                said.append(line)
                if "Config:" in line:
                    break
            else:
                pytest.fail(f"the emulator did not start: {''.join(said)}")
            yield f"http://localhost:{port}"
        finally:
            process.kill()


def make_repository(url: str, **fields: Any) -> str:
    """ "acme/<name>", new and not empty."""
    body = {"name": f"r{uuid.uuid4().hex}", "auto_init": True, **fields}
    headers = {"Authorization": f"token {TOKEN}"}
    made = requests.post(f"{url}/orgs/acme/repos", json=body, headers=headers, timeout=30)
    made.raise_for_status()
    return f"acme/{body['name']}"
