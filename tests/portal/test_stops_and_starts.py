"""`manage.py dev` after its first start: real processes, ended in every way, and started again in the same folder."""

import os
import re
import signal
import socket
import sys
from pathlib import Path

import pytest

from tests.support.waiting import until
from tests.support.whole_portal import COMMAND, Portal, free_port, refused, running

pytestmark = [pytest.mark.run, pytest.mark.xdist_group("first portal")]


@pytest.fixture
def ended(first_portal: Portal) -> Portal:
    first_portal.end(signal.SIGTERM)
    return first_portal


def test_sigterm_ends_it_without_anything_that_looks_like_trouble(ended: Portal) -> None:
    assert not re.search(r"error|warning|traceback", ended.said, re.IGNORECASE)


def test_the_next_finds_its_data_refuses_another_and_ends_with_the_make_that_started_it(
    ended: Portal,
) -> None:
    request_id = re.findall(r"req-[0-9a-f]{12}", ended.said)[-1]
    parent = [
        sys.executable,
        "-c",
        "import subprocess, sys; subprocess.run(sys.argv[1:])",
        *COMMAND,
        "--with-parent",
    ]
    with running(ended.folder, parent) as portal:
        portal.ready()
        assert "with the password" not in portal.said
        assert "Signed in as admin by this link" in portal.said
        assert "first request" not in portal.said
        assert '"completed"' in portal.page(f"/api/v1/requests/{request_id}/status")[1]
        [pid] = re.findall(
            rf"A portal runs already with the data in {ended.folder} \(process (\d+)\)\.",
            refused(ended.folder, PORT=str(free_port())),
        )
        assert int(pid) in portal.left()
        assert portal.page("/login")[0] == 200
        portal.process.kill()
        until(lambda: not portal.left())


def test_a_terminal_closed_during_the_start_ends_everything(ended: Portal) -> None:
    with running(ended.folder) as portal:
        until((ended.folder / "postgres" / "postmaster.pid").exists)
        portal.end(signal.SIGHUP)


def test_kill_9_leaves_nothing_and_the_successor_tells_when_one_of_its_processes_dies(
    ended: Portal,
) -> None:
    with running(ended.folder) as portal:
        portal.ready()
        assert len(portal.left()) > 5
        portal.process.kill()
        portal.process.wait()
        with running(ended.folder) as successor:
            successor.ready()
            web = [
                pid
                for pid in successor.left()
                if b"granian" in Path(f"/proc/{pid}/cmdline").read_bytes()
            ]
            os.kill(min(web), signal.SIGKILL)
            assert successor.process.wait(60) == 1
            assert "The web process ended (-9)" in successor.said
            assert not successor.left()


def test_a_taken_port_is_one_line(ended: Portal) -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
        message = refused(ended.folder, PORT=str(port))
    assert f"Cannot listen on 127.0.0.1:{port}: Address already in use." in message
    assert f"PORT={port + 1}" in message


def test_an_unreachable_database_is_one_line(ended: Portal) -> None:
    message = refused(
        ended.folder,
        PORT=str(free_port()),
        DATABASE_URL="postgresql://u:geheim@127.0.0.1:1/nothing",
    )
    assert "DATABASE_URL: the database cannot be used" in message
    assert "geheim" not in message
