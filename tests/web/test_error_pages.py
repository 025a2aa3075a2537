"""What people see when something is wrong, and who is asked to sign in."""

import pytest
from django.contrib.auth.models import User
from django.template.loader import render_to_string
from django.test import Client
from pytest_django import Settings

from tests.web.reading import PASSWORD, Sent, is_whole_page, on_one_line

PAGES = [
    "/",
    "/requests",
    "/requests/req-0123456789ab",
    "/catalog",
    "/catalog/rds",
    "/pulls",
    "/pulls/1",
]
ACTIONS = [
    "/preview",
    "/requests",
    "/requests/req-0123456789ab/cancel",
    "/requests/req-0123456789ab/retry",
    "/pulls/1/merge",
]


@pytest.mark.parametrize("address", PAGES)
def test_every_page_asks_for_a_sign_in_and_comes_back(
    client: Client, portal: object, db: None, address: str
) -> None:
    response = client.get(address)

    assert (response.status_code, response["Location"]) == (302, f"/login?next={address}")


@pytest.mark.parametrize("address", ACTIONS)
def test_no_action_is_done_for_the_signed_out(
    client: Client, portal: object, db: None, address: str
) -> None:
    response = client.post(address, {"text": "a bucket"})

    assert (response.status_code, response["Location"]) == (302, "/login?next=/")


@pytest.mark.parametrize("address", ACTIONS)
def test_every_action_wants_the_forms_token(ana: User, address: str) -> None:
    strict = Client(enforce_csrf_checks=True)
    strict.force_login(ana)
    response = strict.post(address, {"text": "a bucket"})

    assert response.status_code == 403
    assert "The form was too old" in response.text


@pytest.fixture
def known(ana: User) -> User:
    """Ana with a password: its hash takes its time, so only the tests of the sign-in have one."""
    ana.set_password(PASSWORD)
    ana.save()
    return ana


def test_a_wrong_password_is_said_the_same_way_as_an_unknown_name(
    client: Client, known: User
) -> None:
    answers = [
        client.post("/login", {"username": name, "password": "wrong"}).text
        for name in (known.username, "nobody-of-this-name")
    ]

    assert all("User name or password is wrong." in answer for answer in answers)
    assert all("autofocus" in answer for answer in answers)


@pytest.mark.parametrize(
    "target", ["https://evil.example", "//evil.example", "javascript:alert(1)", "/\\evil.example"]
)
def test_the_sign_in_leads_to_own_pages_only(client: Client, known: User, target: str) -> None:
    form = {"username": known.username, "password": PASSWORD, "next": target}

    assert client.post("/login", form)["Location"] == "/"


def test_the_typed_sentence_survives_the_sign_in(client: Client, known: User) -> None:
    asked = client.get("/?text=staging bucket")["Location"]
    target = asked.split("next=")[1]
    form = {"username": known.username, "password": PASSWORD, "next": "/?text=staging%20bucket"}

    assert target == "/%3Ftext%3Dstaging%2520bucket"
    assert "staging bucket</textarea>" in client.post("/login", form, follow=True).text


@pytest.mark.parametrize(
    "target", ["https://evil.example", "//evil.example", "javascript:alert(1)"]
)
def test_the_theme_is_kept_in_a_cookie_and_leads_to_own_pages_only(
    client: Client, db: None, target: str
) -> None:
    response = client.post("/theme", {"theme": "dark", "next": target})

    assert response["Location"] == "/"
    assert response.cookies["theme"].value == "dark"


def test_the_server_sends_the_chosen_theme_and_ignores_nonsense(
    client: Client, portal: object, db: None
) -> None:
    client.cookies["theme"] = "dark"
    assert '<html lang="en" data-theme="dark">' in client.get("/login").text
    client.cookies["theme"] = '"><script>'
    assert '<html lang="en">' in client.get("/login").text


def test_an_unknown_address_is_a_page_of_the_portal(pages: Client) -> None:
    response = pages.get("/nothing/of/this/name")

    assert response.status_code == 404
    assert "There is nothing here" in response.text
    assert "data-toast" in response.text


@pytest.mark.parametrize(
    ("method", "address"),
    [("post", "/"), ("get", "/preview"), ("delete", "/requests"), ("put", "/catalog")],
)
def test_a_wrong_method_is_a_page_that_names_the_right_ones(
    pages: Client, method: str, address: str
) -> None:
    response = getattr(pages, method)(address)

    assert response.status_code == 405
    assert "That is not possible here" in response.text
    assert response["Allow"]


def test_an_unknown_address_of_the_api_is_said_in_json(
    client: Client, portal: object, db: None
) -> None:
    response = client.get("/api/v1/nothing")

    assert response.status_code == 404
    assert response.json()["detail"] == "There is nothing at this address."


@pytest.mark.parametrize(
    ("address", "content_type", "begins"),
    [
        ("/api/v1/dry-run", "application/json", '{"detail": "The body is too large'),
        ("/preview", "application/x-www-form-urlencoded", "<!DOCTYPE"),
    ],
)
def test_a_body_that_is_too_large_is_refused_in_words(
    pages: Client, settings: Settings, address: str, content_type: str, begins: str
) -> None:
    settings.DATA_UPLOAD_MAX_MEMORY_SIZE = 1000
    response = pages.post(address, b"text=" + b"x" * 2000, content_type=content_type)

    assert response.status_code == 413
    assert response.text.lstrip().startswith(begins)


def test_a_bug_in_the_api_is_said_in_json_without_its_insides(pages: Client, sent: Sent) -> None:
    row = sent()
    row.requirements_json = {"resources": "not what a parser writes"}
    row.save()
    pages.raise_request_exception = False
    response = pages.get(f"/api/v1/requests/{row.request_id}/status")

    assert response.status_code == 500
    assert response.json()["detail"].startswith("Something went wrong in the portal")


@pytest.mark.parametrize("name", ["400", "408", "413", "429", "500", "503"])
def test_pages_for_the_worst_cases_need_neither_session_nor_database(name: str) -> None:
    page = render_to_string(f"{name}.html")

    assert is_whole_page(page)
    assert f'<p class="num">{name}</p>' in on_one_line(page)


def test_a_bug_shows_the_page_and_not_its_insides(pages: Client, sent: Sent) -> None:
    row = sent()
    row.requirements_json = {"resources": "not what a parser writes"}
    row.save()
    pages.raise_request_exception = False
    response = pages.get(f"/requests/{row.request_id}")

    assert response.status_code == 500
    assert "Something went wrong in the portal" in response.text
    assert "Traceback" not in response.text


def test_pages_are_kept_in_no_cache_and_send_a_strict_policy(pages: Client) -> None:
    response = pages.get("/")

    assert response["Cache-Control"] == "no-store, private"
    assert "unsafe" not in response["Content-Security-Policy"]


def test_the_banner_says_what_is_embedded(pages: Client, portal: object) -> None:
    portal(demo=True)  # type: ignore[operator]
    assert (
        "Demo on this machine: embedded parser, local Git repository, API open without sign-in."
        in pages.get("/").text
    )
    portal(demo=False)  # type: ignore[operator]
    assert "API open without sign-in" not in pages.get("/").text
