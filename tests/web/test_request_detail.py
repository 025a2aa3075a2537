"""The page of one request: what it shows in each state, who sees it, and what can be done there."""

import io
import re
import zipfile
from datetime import timedelta

import pytest
from django.contrib.auth.models import User
from django.test import Client
from django.utils import timezone

from provisioning.domain import PullRequestState
from provisioning.models import ProvisionRequest, PullRequest, Status, as_json
from provisioning.requests import leases, tasks
from tests.web.reading import Person, Sent, links, on_one_line

HTMX = {"HX-Request": "true"}


def live_address(page: str) -> str | None:
    found = re.search(r'hx-get="(/requests/[^"]+/live[^"]+)"', page)
    return found[1].replace("&amp;", "&") if found else None


def test_a_finished_request_shows_everything_and_is_polled_for_its_pull_request(
    pages: Client, ended: Sent
) -> None:
    row = ended()
    page = pages.get(f"/requests/{row.request_id}").text

    assert row.opened is not None
    assert f"Pull request #{row.opened.number}" in page
    assert row.branch_name in page
    assert "<mark>production</mark>" in page
    assert "terraform/prod/rds/payments-api" in page
    assert all(
        title in page
        for title in ("Queued", "Understand", "Write and check Terraform", "Open pull request")
    )
    assert "pace=5" in str(live_address(page))
    assert "http-equiv" not in page


def test_a_running_request_is_polled_and_without_javascript_reloaded(
    pages: Client, sent: Sent
) -> None:
    row = sent()
    page = pages.get(f"/requests/{row.request_id}").text

    address = live_address(page)
    assert address is not None
    assert address.startswith(f"/requests/{row.request_id}/live?v=1&was=queued&pace=2&why=")
    assert '<noscript><meta http-equiv="refresh" content="5"></noscript>' in on_one_line(page)


def test_a_poll_gets_nothing_until_something_has_changed_and_slows_down_at_the_end(
    pages: Client, sent: Sent
) -> None:
    row = sent()
    address = live_address(pages.get(f"/requests/{row.request_id}").text)
    assert address is not None
    current = pages.get(address, headers=HTMX)
    assert (current.status_code, current.content) == (204, b"")

    leases.claim(row.request_id, timedelta(seconds=60)).advance(Status.PARSING)  # type: ignore[union-attr]
    changed = pages.get(address, headers=HTMX).text
    assert "The request is being understood." in changed
    following = live_address(changed)
    assert following == f"/requests/{row.request_id}/live?v=2&was=parsing&pace=2"

    ProvisionRequest.objects.filter(pk=row.pk).update(lease_until=None, attempt=0)
    tasks.run_request(row.request_id)
    last = pages.get(following, headers=HTMX).text
    assert live_address(last) == f"/requests/{row.request_id}/live?v=6&was=completed&pace=5&files=1"
    assert 'hx-trigger="every 5s"' in last
    assert 'id="terraform" hx-swap-oob="true"' in last


def test_files_are_links_that_work_without_javascript(pages: Client, ended: Sent) -> None:
    row = ended()
    address = f"/requests/{row.request_id}"
    assert f"?resource=1&file=variables.tf#terraform" in links(pages.get(address).text)  # noqa: F541

    page = pages.get(address, {"file": "variables.tf"}).text
    assert 'aria-label="Contents of variables.tf"' in page
    assert 'id="variables.tf-L1"' in page


@pytest.mark.parametrize(
    "query", [{"file": "../../etc/passwd"}, {"resource": "99"}, {"resource": "²"}, {"file": "\x00"}]
)
def test_a_file_that_does_not_exist_shows_the_first_one(
    pages: Client, ended: Sent, query: dict[str, str]
) -> None:
    assert (
        'aria-label="Contents of terraform.tfvars.json"'
        in pages.get(f"/requests/{ended().request_id}", query).text
    )


def test_htmx_gets_the_chosen_file_alone(pages: Client, ended: Sent) -> None:
    headers = HTMX | {"HX-Target": "terraform"}
    part = pages.get(
        f"/requests/{ended().request_id}", {"file": "outputs.tf"}, headers=headers
    ).text

    assert part.lstrip().startswith('<div id="terraform">')
    assert "<title>" not in part


def test_the_archive_holds_the_files_where_the_pull_request_puts_them(
    pages: Client, ended: Sent
) -> None:
    row = ended()
    response = pages.get(f"/requests/{row.request_id}/files.zip")

    assert row.generated is not None
    [resource] = row.generated.resources
    archive = zipfile.ZipFile(io.BytesIO(response.content))
    assert {name: archive.read(name).decode() for name in archive.namelist()} == {
        f"{resource.directory}/{name}": text for name, text in resource.files.items()
    }
    assert response.content == pages.get(f"/requests/{row.request_id}/files.zip").content


def test_before_there_are_files_there_is_no_archive(pages: Client, sent: Sent) -> None:
    assert pages.get(f"/requests/{sent().request_id}/files.zip").status_code == 404


@pytest.mark.parametrize("part", ["", "/live", "/files.zip"])
def test_a_stranger_learns_nothing_and_a_teammate_and_the_platform_team_see_it(
    client: Client, ended: Sent, person: Person, part: str
) -> None:
    row = ended(team="payments-team")
    seen = {}
    for user in (
        person("eve"),
        person("ben", "payments-team"),
        person("kim", staff=True),
        row.user,
    ):
        assert user is not None
        client.force_login(user)
        seen[user.username] = client.get(f"/requests/{row.request_id}{part}").status_code

    assert seen == {"eve": 404, "ben": 200, "kim": 200, "ana": 200}


@pytest.mark.parametrize("part", ["cancel", "retry", "answer"])
def test_a_stranger_can_do_nothing(client: Client, sent: Sent, person: Person, part: str) -> None:
    row = sent()
    client.force_login(person("eve"))

    assert (
        client.post(f"/requests/{row.request_id}/{part}", {"answer.environment": "dev"}).status_code
        == 404
    )
    row.refresh_from_db()
    assert (row.status, row.version) == ("queued", 1)


def test_a_queued_request_can_be_cancelled_and_says_so(pages: Client, sent: Sent) -> None:
    row = sent()
    page = pages.post(f"/requests/{row.request_id}/cancel", follow=True).text

    assert "Cancelled" in page
    assert f'action="/requests/{row.request_id}/cancel"' not in page
    assert live_address(page) is None


def test_what_is_finished_cannot_be_cancelled_and_the_page_says_why(
    pages: Client, ended: Sent
) -> None:
    page = pages.post(f"/requests/{ended().request_id}/cancel", follow=True).text

    assert "it can no longer be cancelled" in page


def test_a_question_is_answered_on_the_page_and_the_new_request_names_the_old_one(
    pages: Client, ended: Sent
) -> None:
    row = ended("production RDS database for orders")
    assert 'name="answer.rds.engine"' in pages.get(f"/requests/{row.request_id}").text

    answer = {"answer.rds.engine": "mysql"}
    first = pages.post(f"/requests/{row.request_id}/answer", answer)
    again = pages.post(f"/requests/{row.request_id}/answer", answer)

    made = ProvisionRequest.objects.get(follow_up_of=row)
    assert first["Location"] == again["Location"] == f"/requests/{made.request_id}"
    assert (made.text, made.answers) == (row.text, {"rds.engine": "mysql"})
    assert f'href="/requests/{row.request_id}"' in pages.get(first["Location"]).text


def test_no_answer_is_no_request(pages: Client, ended: Sent) -> None:
    row = ended("production RDS database for orders")
    page = pages.post(
        f"/requests/{row.request_id}/answer", {"answer.rds.engine": " "}, follow=True
    ).text

    assert "Choose or write an answer first." in page
    assert not ProvisionRequest.objects.filter(follow_up_of=row).exists()


def test_only_what_may_succeed_later_offers_another_try(pages: Client, sent: Sent) -> None:
    offered = {}
    for code in (
        "upstream_unavailable",
        "internal_error",
        "policy_violation",
        "out_of_scope",
        "cancelled",
    ):
        row = sent(f"bucket for {code}")
        ProvisionRequest.objects.filter(pk=row.pk).update(
            status="failed", error_code=code, error="Because."
        )
        page = pages.get(f"/requests/{row.request_id}").text
        assert f'href="/?from={row.request_id}"' in page
        offered[code] = f'action="/requests/{row.request_id}/retry"' in page

    assert offered == {
        "upstream_unavailable": True,
        "internal_error": True,
        "policy_violation": False,
        "out_of_scope": False,
        "cancelled": False,
    }


def test_another_try_puts_it_in_the_queue_again(pages: Client, sent: Sent) -> None:
    row = sent()
    ProvisionRequest.objects.filter(pk=row.pk).update(
        status="failed", error_code="upstream_unavailable", error="Down."
    )
    page = pages.post(f"/requests/{row.request_id}/retry", follow=True).text

    assert live_address(page) is not None
    assert "Tried again" in page


def test_a_hostile_sentence_is_shown_as_text(pages: Client, sent: Sent) -> None:
    text = "bucket for <script>alert(1)</script> \" ' {{ 7*7 }}"
    page = pages.get(f"/requests/{sent(text).request_id}").text

    assert "<script>alert(1)" not in page
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in page
    assert "{{ 7*7 }}" in page


def test_a_long_sentence_is_a_short_heading_with_the_whole_below(pages: Client, sent: Sent) -> None:
    page = pages.get(f"/requests/{sent('bucket ' + 'x' * 3000).request_id}").text

    assert "Show the whole request" in page
    heading = re.search(r"<h1>(.*?)</h1>", page)
    assert heading is not None
    assert len(heading[1]) <= 200


def test_the_page_takes_the_same_number_of_queries_however_long_its_history(
    pages: Client, ended: Sent, django_assert_max_num_queries: object
) -> None:
    row = ended()
    with django_assert_max_num_queries(8):  # type: ignore[operator]
        pages.get(f"/requests/{row.request_id}")


def test_signed_out_in_the_middle_of_polling_leads_to_the_sign_in_and_back(
    client: Client, sent: Sent, ana: User
) -> None:
    row = sent()
    headers = HTMX | {"HX-Current-URL": f"http://testserver/requests/{row.request_id}?file=main.tf"}
    response = client.get(f"/requests/{row.request_id}/live", headers=headers)

    assert response.status_code == 401
    assert response["HX-Redirect"] == f"/login?next=%2Frequests%2F{row.request_id}%3Ffile%3Dmain.tf"


def test_reviews_checks_and_the_merge_are_on_the_page(pages: Client, ended: Sent) -> None:
    row = ended()
    assert row.opened is not None
    now = timezone.now()
    seen = PullRequestState(
        "merged",
        row.opened.commit_sha,
        now,
        False,
        "approved",
        ("eve", "<b>bo"),
        "failed",
        "kim",
        ended_at=now,
    )
    PullRequest.objects.update(state="merged", seen_json=as_json(seen))
    page = pages.get(f"/requests/{row.request_id}").text

    for sentence in ("Approved by eve and &lt;b&gt;bo.", "A check failed.", "Merged by kim."):
        assert f'<p class="small mt-3">{sentence}</p>' in page
