"""`manage.py dev`, which is `make run`, in an empty folder."""

import os
import re
import signal
import urllib.error
import urllib.request

import pytest

from tests.support.waiting import until
from tests.support.whole_portal import Portal

pytestmark = [pytest.mark.run, pytest.mark.xdist_group("first portal")]


def test_it_makes_an_administrator_and_says_the_password_once(first_portal: Portal) -> None:
    assert first_portal.page("/login")[0] == 200
    assert len(re.findall(r"Sign in as admin with the password \S{16}", first_portal.said)) == 1


def test_it_shows_a_request_on_its_whole_way(first_portal: Portal) -> None:
    stages = re.findall(r"^ +\d+\.\d s  (.*?)  ", first_portal.said, re.MULTILINE)
    assert stages == [
        "Queued",
        "Understanding",
        "Writing Terraform",
        "Opening the pull request",
        "Pull request opened",
    ]
    [address] = re.findall(
        r"^Request: +http://127\.0\.0\.1:\d+(/requests/\S+)$", first_portal.said, re.MULTILINE
    )
    assert re.fullmatch(r"/requests/req-[0-9a-f]{12}", address)
    assert re.search(
        r"^Pull request: +http://127\.0\.0\.1:\d+/pulls/1$", first_portal.said, re.MULTILINE
    )


def test_the_printed_link_signs_in_once(first_portal: Portal) -> None:
    [path] = re.findall(
        r"by this link, once: http://[^/]+(/login/once/\S+)$", first_portal.said, re.M
    )
    assert "changepassword admin" in first_portal.said
    visitor = urllib.request.build_opener(urllib.request.HTTPCookieProcessor())
    with visitor.open(f"http://127.0.0.1:{first_portal.port}{path}") as page:
        assert "Sign out" in page.read().decode()
    with pytest.raises(urllib.error.HTTPError) as refused:
        first_portal.page(path)
    refused.value.close()
    assert refused.value.code == 403


def test_a_killed_postgres_is_started_again_and_no_traceback_is_said(first_portal: Portal) -> None:
    state = first_portal.folder / "postgres" / "postmaster.pid"
    pid = int(state.read_text().split()[0])
    os.kill(pid, signal.SIGKILL)
    until(lambda: "it is started again" in first_portal.said)
    until(lambda: state.exists() and int(state.read_text().split()[0]) != pid)
    until(lambda: '"database": "connected"' in first_portal.page("/api/v1/health")[1])
    until(lambda: '1 alive"' in first_portal.page("/api/v1/health")[1])
    assert "Traceback" not in first_portal.said
