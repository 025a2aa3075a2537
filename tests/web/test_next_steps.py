"""Each error code's next step is an element that works for who reads it."""

import re
from html import unescape

import pytest
from django.test import Client

from provisioning import wiring
from provisioning.errors import PortalError, by_code
from provisioning.models import ProvisionRequest, Status
from tests.web.reading import Person, Sent, links

# Codes that are answered at once, or with which a request waits and does not end.
NEVER_STORED = {
    "bad_signature",
    "catalog_error",
    "lease_lost",
    "not_possible",
    "same_underway",
    "stale_preview",
    "too_many_calls",
    "waiting_for_turn",
}


def every_code() -> list[str]:
    kinds, found = [PortalError], []
    while kinds:
        kind = kinds.pop()
        # An answer of the API to a call never ends a request.
        if kind.__module__.startswith("provisioning.errors"):
            found.append(kind.code)
        kinds += kind.__subclasses__()
    return sorted(set(found) - NEVER_STORED)


def outcome(page: str) -> str:
    return page.partition('id="outcome"')[2].partition('id="progress"')[0]


@pytest.mark.parametrize("code", every_code())
def test_what_an_error_advises_can_be_done_on_its_page(
    pages: Client, sent: Sent, code: str
) -> None:
    row = sent()
    question = {"id": "rds.engine", "text": "Which?", "choices": ["postgres"], "recommended": None}
    asks = by_code(code).outcome == "question"
    ProvisionRequest.objects.update(
        status=Status.FAILED,
        error_code=code,
        error="So it is.",
        questions=[question] if asks else [],
    )
    part = outcome(pages.get(f"/requests/{row.request_id}").text)

    for address in links(part):
        assert pages.get(unescape(address)).status_code == 200, address
    actions = re.findall(r'<form[^>]*action="([^"]+)"', part)
    assert links(part) or actions, part
    for action in actions:
        answer = pages.post(action, {"answer.rds.engine": "postgres"}, follow=True)
        assert answer.status_code == 200
        assert "<p>" not in answer.text.partition('id="toast"')[2].partition("</div>")[0]
        assert 'id="outcome"' in answer.text
        ProvisionRequest.objects.filter(pk=row.pk).update(status=Status.FAILED)


def test_an_address_in_an_error_is_a_link_where_the_reader_may_go(
    pages: Client, sent: Sent, person: Person
) -> None:
    mine, hers = sent(), sent(user=person("eve"))
    base = wiring.public_url()
    told = f"Taken by {base}/requests/{mine.request_id} and {base}/requests/{hers.request_id}."
    failed = sent("staging bucket for <b>logs</b>")
    ProvisionRequest.objects.filter(pk=failed.pk).update(
        status=Status.FAILED,
        error_code="directory_conflict",
        error=told + " <b> http://evil.example/x",
    )
    part = outcome(pages.get(f"/requests/{failed.request_id}").text)

    assert (
        f'<a href="/requests/{mine.request_id}">{mine.request_id}</a> and another request.' in part
    )
    assert "&lt;b&gt; http://evil.example/x" in part
    assert hers.request_id not in part
