"""A database of each earlier release, with data in every state, is migrated and goes on. See tests/releases/dump.py."""

import json
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import psycopg
import pytest

from tests.releases.dump import FOLDER
from tests.support.worker_process import PROJECT

RELEASES = sorted(path.stem for path in FOLDER.glob("*.sql"))
REQUEST = re.compile(
    r"^INSERT INTO public\.provisioning_provisionrequest VALUES .*?'(req-[0-9a-f]{12})'", re.M
)


@pytest.fixture
def address(django_db_setup: None, tmp_path: Path) -> Iterator[str]:
    """Of an empty database beside the tests' own."""
    name = f"release_{os.getpid()}"
    own = os.environ["DATABASE_URL"]
    with psycopg.connect(own, autocommit=True) as server:
        server.execute(f"CREATE DATABASE {name} TEMPLATE template0")
        try:
            yield urlsplit(own)._replace(path=f"/{name}").geturl()
        finally:
            server.execute(f"DROP DATABASE {name} WITH (FORCE)")


def run(address: str, folder: Path, *arguments: str) -> str:
    environment = os.environ | {"DATABASE_URL": address, "DATA_DIR": str(folder)}
    command = [sys.executable, *arguments]
    done = subprocess.run(
        command, cwd=PROJECT, env=environment, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


@pytest.mark.parametrize("release", RELEASES)
def test_the_data_of_an_earlier_release_is_there_and_goes_on(
    release: str, address: str, tmp_path: Path
) -> None:
    dump = (FOLDER / f"{release}.sql").read_text()
    with psycopg.connect(address, autocommit=True) as session:
        session.execute(dump.encode())
    run(address, tmp_path, "manage.py", "migrate", "--verbosity=0")
    run(address, tmp_path, "manage.py", "migrate", "--check")
    seen: dict[str, Any] = json.loads(run(address, tmp_path, "-m", "tests.releases.after"))
    assert sorted(seen["before"]) == sorted(REQUEST.findall(dump))
    assert set(seen["pages"].values()) == {200}, seen["pages"]
    assert {"open", "merged", "closed"} == set(seen["pulls"])
    waited = {name for name, status in seen["before"].items() if status == "queued"}
    assert len(waited) == 2
    assert {seen["after"][name] for name in waited} == {"completed"}
    ended = {name: status for name, status in seen["before"].items() if name not in waited}
    assert {name: seen["after"][name] for name in ended} == ended
    assert seen["queued"] >= len(waited)


def test_there_is_a_dump_of_the_first_release() -> None:
    assert "e36968d" in RELEASES
