"""Pull requests of the embedded repository."""

import re
import subprocess
from pathlib import Path

from django.contrib.auth.models import User
from django.test import Client

from provisioning.models import ProvisionRequest
from tests.web.reading import Person, Sent


def address(row: ProvisionRequest) -> str:
    assert row.opened is not None
    return f"/pulls/{row.opened.number}"


def test_the_page_shows_what_is_added_with_signs_as_well_as_color(
    pages: Client, ended: Sent
) -> None:
    row = ended()
    page = pages.get(address(row)).text

    assert "terraform/prod/rds/payments-api/main.tf" in page
    assert '<td class="sign">+</td>' in page
    assert row.request_id in page


def test_the_requester_sees_it_and_cannot_decide(pages: Client, ended: Sent) -> None:
    row = ended()

    assert f'action="{address(row)}/merge"' not in pages.get(address(row)).text
    assert pages.post(f"{address(row)}/merge").status_code == 403
    assert pages.post(f"{address(row)}/close").status_code == 403


def test_a_stranger_learns_nothing(client: Client, ended: Sent, person: Person) -> None:
    row = ended()
    client.force_login(person("eve"))

    assert client.get(address(row)).status_code == 404
    assert row.request_id not in client.get("/pulls").text


def test_the_platform_team_merges_and_everybody_sees_it(
    client: Client, ended: Sent, person: Person, ana: User
) -> None:
    row = ended()
    client.force_login(person("kim", staff=True))
    page = client.post(f"{address(row)}/merge", follow=True).text

    assert "Merged" in page
    assert "kim@example.com" in page
    client.force_login(ana)
    assert "Merged" in client.get(f"/requests/{row.request_id}").text


def test_the_platform_team_closes_and_what_is_closed_cannot_be_merged(
    client: Client, ended: Sent, person: Person
) -> None:
    row = ended()
    client.force_login(person("kim", staff=True))
    client.post(f"{address(row)}/close")
    page = client.post(f"{address(row)}/merge", follow=True).text

    assert "cannot be merged" in page
    row.refresh_from_db()
    assert row.opened is not None
    assert row.opened.state == "closed"


def test_an_unknown_number_is_not_found(pages: Client) -> None:
    assert pages.get("/pulls/77").status_code == 404


def test_the_platform_team_is_told_what_to_clone_and_a_plain_git_client_can(
    client: Client, ended: Sent, person: Person, tmp_path: Path
) -> None:
    row = ended()
    client.force_login(person("kim", staff=True))
    [place] = re.findall(r'<code class="path">git clone ([^<]+)</code>', client.get("/pulls").text)
    clone = tmp_path / "clone"
    for command in (
        ["clone", "--quiet", place, str(clone)],
        ["-C", str(clone), "checkout", "-q", row.branch_name],
    ):
        subprocess.run(["git", *command], check=True)
    assert (clone / "terraform/prod/rds/payments-api/main.tf").is_file()
    client.force_login(person("eve"))
    assert "git clone" not in client.get("/pulls").text


def test_the_description_is_shown_as_github_would_show_it(pages: Client, ended: Sent) -> None:
    page = pages.get(address(ended())).text

    assert "<h3>Resources</h3>" in page
    assert "<td><code>terraform/prod/rds/payments-api</code></td>" in page
    assert '<li class="task">\N{BALLOT BOX} ' in page
    assert "### " not in page
