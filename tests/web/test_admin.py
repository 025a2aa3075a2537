"""Django's admin: administrators read, nobody writes, superusers manage people."""

import re
from html.parser import HTMLParser

import pytest
from django.contrib.auth.models import User
from django.core.management import call_command
from django.test import Client
from pytest_django import DjangoAssertNumQueries

from provisioning.domain.identity import Role
from provisioning.models import ProvisionRequest, PullRequest, RequestEvent
from tests.support.people import make_user
from tests.web.reading import Person, Sent

LISTS = ("provisionrequest", "requestevent", "pullrequest")


@pytest.fixture
def root(client: Client, person: Person) -> Client:
    client.force_login(User.objects.create_superuser("root", "root@example.com"))
    return client


def found(client: Client, kind: str, query: str) -> list[str]:
    page = client.get(f"/admin/provisioning/{kind}/?{query}").text
    return re.findall(rf'href="/admin/provisioning/{kind}/(\d+)/change/', page)


@pytest.mark.parametrize("kind", LISTS)
def test_administrators_read_and_nobody_writes(root: Client, ended: Sent, kind: str) -> None:
    ended()
    for who in (root, _administrator()):
        [first, *_] = found(who, kind, "")
        address = f"/admin/provisioning/{kind}/{first}"
        page = who.get(f"{address}/change/").text
        assert "payments" in page or "#1" in page
        assert 'name="_save"' not in page
        assert not re.search(r"<(input|textarea|select)[^>]+name=\"(text|detail|state)\"", page)
        assert who.post(f"{address}/change/", {"text": "other"}).status_code == 403
        assert who.post(f"{address}/delete/", {"post": "yes"}).status_code == 403
        assert who.get(f"/admin/provisioning/{kind}/add/").status_code == 403
    assert ProvisionRequest.objects.get().text != "other"


def _administrator() -> Client:
    client = Client()
    client.force_login(make_user("kim", roles=(Role.ADMIN,)))
    return client


def test_there_is_one_sign_in_and_a_requester_is_refused(pages: Client, ended: Sent) -> None:
    address = f"/admin/provisioning/provisionrequest/{ended().pk}/change/"
    assert pages.get(address).status_code == 403
    for there in (address, f"/admin/login/?next={address}"):
        answer = Client().get(there)
        assert (answer.status_code, answer["Location"]) == (302, f"/login?next={address}")


def test_the_request_shows_its_whole_history(root: Client, ended: Sent) -> None:
    row = ended()
    page = root.get(f"/admin/provisioning/provisionrequest/{row.pk}/change/").text
    assert page.count("Request received") == 1
    assert "Pull request #1 opened." in page


@pytest.mark.parametrize("kind", LISTS)
def test_no_row_is_a_wall_of_json(root: Client, ended: Sent, kind: str) -> None:
    ended()
    [first, *_] = found(root, kind, "")
    page = root.get(f"/admin/provisioning/{kind}/{first}/change/").text
    assert "_json" not in page
    assert "{&#x27;" not in page


def test_search_and_filter_find_whole_words(root: Client, ended: Sent) -> None:
    row = ended()
    opened = PullRequest.objects.get()
    assert found(root, "provisionrequest", f"q={row.request_id}") == [str(row.pk)]
    assert found(root, "provisionrequest", f"q={row.requester}&status__exact=completed") == [
        str(row.pk)
    ]
    assert found(root, "provisionrequest", "status__exact=failed") == []
    assert found(root, "requestevent", f"q={row.request_id}")
    for term in ("%231", "1", row.request_id):
        assert found(root, "pullrequest", f"q={term}") == [str(opened.pk)]
    assert found(root, "pullrequest", "q=99999999999999999999") == []


def test_more_rows_cost_no_more_queries_and_none_is_a_trap(
    root: Client, ended: Sent, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    row = ended()
    for version in range(100, 160):
        RequestEvent.objects.create(
            provision_request=row, version=version, actor="x", status=row.status
        )
    for kind in LISTS:
        with django_assert_max_num_queries(8) as asked:
            root.get(f"/admin/provisioning/{kind}/")
        sent = [query["sql"].upper() for query in asked.captured_queries]
        assert not any(
            "DISTINCT" in sql or ("COUNT(" in sql and "LIMIT" not in sql) for sql in sent
        )


def test_superusers_manage_people_and_other_administrators_do_not(root: Client) -> None:
    form = {
        "username": "new",
        "password1": "long enough 42",
        "password2": "long enough 42",
        "usable_password": "true",
    }
    assert root.post("/admin/auth/user/add/", form).status_code == 302
    assert User.objects.get(username="new").check_password("long enough 42")
    assert root.post("/admin/auth/group/add/", {"name": "payments-team"}).status_code == 302
    other = _administrator()
    for model in ("user", "group"):
        assert other.get(f"/admin/auth/{model}/").status_code == 403


def test_the_queues_tables_are_not_offered(root: Client) -> None:
    assert "django_q" not in root.get("/admin/").text
    assert root.get("/admin/django_q/ormq/").status_code == 404


class Inline(HTMLParser):
    """What a policy without 'unsafe-inline' would block."""

    def __init__(self) -> None:
        super().__init__()
        self.blocked: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        names = dict(attrs)
        runs = tag == "script" and "src" not in names and names.get("type") != "application/json"
        if (
            runs
            or tag == "style"
            or "style" in names
            or any(name.startswith("on") for name in names)
        ):
            self.blocked.append(str(self.get_starttag_text()))


@pytest.mark.parametrize(
    "address", ["", *(f"provisioning/{kind}/" for kind in LISTS), "auth/user/add/", "auth/user/"]
)
def test_the_admin_needs_nothing_that_the_security_policy_blocks(
    root: Client, ended: Sent, address: str
) -> None:
    ended()
    answer = root.get(f"/admin/{address}")
    assert "script-src 'self'" in answer["Content-Security-Policy"]
    inline = Inline()
    inline.feed(answer.text)
    assert inline.blocked == []


def test_the_models_and_the_admin_agree() -> None:
    call_command("check", "admin")
