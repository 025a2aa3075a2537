"""NUL and lone surrogates are characters that Postgres takes nowhere. Wherever text enters, none of them is an error of the
portal: each route with each of its parameters, of which one holds such a character and all others are valid."""

import hashlib
import hmac
import inspect
import json
import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest
from django.core.serializers.json import DjangoJSONEncoder
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver, resolve
from pydantic import SecretStr

from infrallm_portal import PROJECT
from provisioning.domain.identity import Role
from tests.support.people import make_user
from tests.web.reading import Sent

SECRET = "a webhook's secret"
# As they travel in an address or a form; \xed\xa0\x80 is what UTF-8 of a lone surrogate would be.
ENCODED = {"%00": "a%00b", "%ed%a0%80": "a%ED%A0%80b"}
IN_JSON = ["\x00", "\ud800", "\udfff"]
SAMPLES = {"slug": "req-a1b2c3d4e5f6", "int": "1", "str": "x", "path": "x"}


def routes(resolver: URLResolver | None = None, prefix: str = "/") -> Iterator[str]:
    """Of the pages and of the admin, with a value for each of their parts."""
    for entry in (resolver or get_resolver()).url_patterns:
        path = prefix + str(entry.pattern)
        if isinstance(entry, URLResolver):
            yield from routes(entry, path)
        elif isinstance(entry, URLPattern) and "(?P" not in path and not path.startswith("/api/"):
            yield re.sub(r"<(\w+):\w+>", lambda part: SAMPLES[part[1]], path)


def read_in(text: str) -> set[str]:
    """What a module of the pages reads of an address or of a form."""
    found = set(re.findall(r"(?:GET|POST)(?:\.get\(|\.getlist\(|\[)\s*\"(\w+)\"", text))
    for listed in re.findall(r"^FILTERS = \((.*?)\)", text, re.M):
        found |= set(re.findall(r"\"(\w+)\"", listed))
    return found


def fields_of_forms() -> list[str]:
    text = Path(PROJECT / "provisioning/web/forms.py").read_text()
    fields = re.findall(r"^    (\w+) = forms\.", text, re.M)
    return [*fields, "username", "password", "answer.rds.engine", "csrfmiddlewaretoken", "a%00b"]


ROUTES = sorted({route for route in routes() if "logout" not in route})
OF_THE_ADMIN = {"q", "p", "o", "status__exact", "environment"}


def names_of(route: str) -> list[str]:
    """In its address. Whatever a route does not read, it is not asked for: this must take seconds."""
    view = inspect.unwrap(resolve(route).func)
    names = OF_THE_ADMIN if route.startswith("/admin/") else read_in(source_of(view))
    return sorted(names | {"unknown", "a%00b"})


def source_of(view: Any) -> str:
    module = inspect.getmodule(view)
    return inspect.getsource(module) if module and "provisioning.web" in module.__name__ else ""


@pytest.fixture
def operator(portal: Any, sent: Sent, client: Client) -> Client:
    """Everything is allowed to them, so that nothing is refused before it is read."""
    client.force_login(make_user("root", roles=(Role.PLATFORM, Role.ADMIN)))
    user = client.session["_auth_user_id"]
    from django.contrib.auth.models import User

    User.objects.filter(pk=user).update(is_staff=True, is_superuser=True)
    client.raise_request_exception = False
    return client


def test_the_names_are_found_where_they_are_read() -> None:
    assert {"from", "unknown"} <= set(names_of("/"))
    assert {"cursor", "ids", "q", "status", "env", "type", "scope"} <= set(names_of("/requests"))
    assert {"file", "resource"} <= set(names_of("/requests/req-a1b2c3d4e5f6"))
    assert {"text", "team", "follow_up_of", "idempotency_key"} <= set(fields_of_forms())
    assert {"/", "/requests", "/preview", "/login", "/admin/auth/user/"} <= set(ROUTES)


@pytest.mark.django_db
@pytest.mark.parametrize("route", ROUTES)
def test_no_address_breaks_a_page(operator: Client, route: str) -> None:
    addresses = [f"{route}?{name}={v}" for name in names_of(route) for v in ENCODED.values()]
    assert [one for one in addresses if operator.get(one).status_code >= 500] == []


@pytest.mark.django_db
@pytest.mark.parametrize("route", ["/requests", "/preview", "/login", "/theme"])
@pytest.mark.parametrize("name", fields_of_forms())
def test_no_field_of_a_form_breaks_a_page(operator: Client, route: str, name: str) -> None:
    form = "application/x-www-form-urlencoded"
    for value in ENCODED.values():
        answer = operator.post(route, f"text=bucket+for+logs&next=/&{name}={value}", form)
        assert answer.status_code < 500


@pytest.mark.django_db
@pytest.mark.parametrize("value", ENCODED.values())
@pytest.mark.parametrize("route", ["/{}", "/requests/{}", "/static/{}", "/catalog/{}", "/admin/{}"])
def test_no_path_breaks_on_it(operator: Client, route: str, value: str) -> None:
    assert operator.get(route.format(value)).status_code == 404 or "admin" in route
    assert operator.get(f"{route.format(value)}/live").status_code < 500


HEADERS = ["Authorization", "Cookie", "HX-Current-URL", "HX-Target", "Referer", "X-CSRFToken"]
HEADERS += ["Idempotency-Key", "X-GitHub-Delivery", "Sec-Fetch-Site", "Accept-Language"]


@pytest.mark.django_db
@pytest.mark.parametrize("header", HEADERS)
@pytest.mark.parametrize("value", ["a\x00b", 'sessionid="\\000abcdefghij"; theme="\\000"'])
@pytest.mark.parametrize("path", ["/requests", "/api/v1/requests?user=ana", "/metrics"])
def test_no_header_breaks_on_it(operator: Client, header: str, value: str, path: str) -> None:
    assert operator.get(path, headers={header: value, "HX-Request": "true"}).status_code < 500


# --- the API, as it describes itself


def described() -> dict[str, Any]:
    from provisioning.api.root import api

    found: dict[str, Any] = json.loads(json.dumps(api.get_openapi_schema(), cls=DjangoJSONEncoder))
    return found


OPERATIONS = [
    (path, method) for path, methods in described()["paths"].items() for method in methods
]


def valid(name: str) -> object:
    known = {
        "request": "staging S3 bucket for logs",
        "requester": "ana",
        "environment": "dev",
        "answers": {"application": "logs"},
        "limit": 1,
        "request_id": "req-a1b2c3d4e5f6",
        "type": "s3",
    }
    return known.get(name, "ana")


def bodies(operation: Mapping[str, Any], bad: str) -> Iterator[dict[str, Any]]:
    """One for each field of its body, an unknown field, and a key and a value inside of an object."""
    content = operation.get("requestBody", {}).get("content", {}).get("application/json")
    if content is None:
        return
    schema = described()["components"]["schemas"][content["schema"]["$ref"].rpartition("/")[2]]
    optional = {"follow_up_of", "answers", "identity"}
    whole = {name: valid(name) for name in schema["properties"] if name not in optional}
    for name in schema["properties"]:
        yield whole | {name: bad}
    yield whole | {"answers": {bad: "x"}}
    yield whole | {"answers": {"application": bad}}
    yield whole | {bad: "x"}
    yield whole | {"unknown": {"deep": [bad]}}


@pytest.mark.django_db
@pytest.mark.parametrize(("path", "method"), OPERATIONS)
def test_no_operation_of_the_api_breaks_on_it(operator: Client, path: str, method: str) -> None:
    operation = described()["paths"][path][method]
    parameters = operation.get("parameters", [])
    filled = re.sub(r"\{(\w+)\}", lambda part: str(valid(part[1])), path)
    query = {one["name"]: valid(one["name"]) for one in parameters if one["in"] == "query"}
    for bad in IN_JSON:
        for body in bodies(operation, f"a{bad}b"):
            answer = operator.generic(method.upper(), filled, json.dumps(body), "application/json")
            assert answer.status_code in {400, 403, 404, 422, 200}, (body, answer.content)
    for value in ENCODED.values():
        for name in query:
            sent = "&".join(f"{other}={valid(other)}" for other in query if other != name)
            address = f"{filled}?{sent}&{name}={value}"
            assert operator.generic(method.upper(), address).status_code < 500
        address = re.sub(r"\{\w+\}", value, path)
        assert operator.generic(method.upper(), address).status_code < 500


@pytest.mark.django_db
@pytest.mark.parametrize("bad", IN_JSON)
@pytest.mark.parametrize(
    "change",
    [
        {"repository": {"full_name": "{}"}},
        {"pull_request": {"number": "{}"}},
        {"sha": "{}"},
        {"check_run": {"head_sha": "{}", "pull_requests": [{"number": 7}]}},
        {"sender": {"login": "{}"}},
        {"{}": 1},
    ],
)
def test_no_delivery_breaks_on_it(portal: Any, change: dict[str, Any], bad: str) -> None:
    portal(github_webhook_secret=SecretStr(SECRET), github_org="acme", github_repo="infrastructure")
    whole = {"repository": {"full_name": "acme/infrastructure"}, "pull_request": {"number": 7}}
    text = json.dumps(whole | change).replace("{}", json.dumps(f"a{bad}b")[1:-1])
    signature = "sha256=" + hmac.new(SECRET.encode(), text.encode(), hashlib.sha256).hexdigest()
    headers = {"X-Hub-Signature-256": signature, "X-GitHub-Delivery": "1"}
    answer = Client(raise_request_exception=False).post(
        "/api/v1/webhooks/github", text, "application/json", headers=headers
    )
    assert answer.status_code == 202
