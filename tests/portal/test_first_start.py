"""`manage.py dev`, which is `make run`, in an empty folder."""

import re

import pytest

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
