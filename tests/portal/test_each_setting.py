"""Each name of `.env.example` changes something that can be seen from outside the settings."""

import runpy
import tempfile
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from time import time
from typing import Any

import pytest
from django.conf import settings as django_settings
from django.contrib.auth.models import User
from django.contrib.sessions.backends.db import SessionStore
from django.http import HttpResponse
from django.test import Client, RequestFactory
from django.utils import timezone
from dotenv import dotenv_values
from github import Auth
from jwt.exceptions import InvalidKeyError

from infrallm_portal import PROJECT
from infrallm_portal.configuration import Configuration, load
from provisioning import wiring
from provisioning.adapters.claude import Claude
from provisioning.adapters.github import GitHub
from provisioning.adapters.terraform import Terraform
from provisioning.catalog import signatures
from provisioning.catalog.load import BUILT_IN
from provisioning.domain import Submission
from provisioning.errors import UpstreamUnreachableError
from provisioning.identity import confirmation, limits, sessions
from provisioning.identity.limits import Kind
from provisioning.identity.sso import membership
from provisioning.identity.sso.claims import Identity
from provisioning.identity.sso.provider import SingleSignOn, configured
from provisioning.management.commands.web import _server
from provisioning.models import Person, ProvisionRequest
from provisioning.pull_requests import sync
from provisioning.requests import services, tasks
from provisioning.trail.addresses import client_address
from tests.support.app_key import a_private_key
from tests.support.people import make_user

pytestmark = pytest.mark.django_db
EXAMPLE = dotenv_values(PROJECT / ".env.example")
SITE = PROJECT / "infrallm_portal/settings.py"
CLAUDE = {"ANTHROPIC_API_KEY": "sk-ant-1"}
GITHUB = {"GITHUB_TOKEN": "ghp_1", "GITHUB_ORG": "acme", "GITHUB_REPO": "infrastructure"}
APP = {
    "GITHUB_ORG": "acme",
    "GITHUB_REPO": "infrastructure",
    "GITHUB_APP_ID": "1",
    "GITHUB_APP_INSTALLATION_ID": "2",
    "GITHUB_APP_PRIVATE_KEY": "a key",
}
# Of somebody whose certificates no portal trusts by itself.
PRIVATE, PUBLIC = signatures.new_key(Path(tempfile.mkdtemp(prefix="infrallm-keys-")))
SIGN_ON = {
    "OIDC_ISSUER": "http://127.0.0.1:1",
    "OIDC_CLIENT_ID": "portal",
    "OIDC_CLIENT_SECRET": "s" * 40,
}
STAFF = Identity("key", groups=frozenset({"staff"}))
SESSION = 3  # hours
TEXT = "S3 bucket for logs"
Site = dict[str, Any]


@dataclass(frozen=True)
class Setting:
    """`value` in place of the default, `beside` what else must be set, and what is looked at under both."""

    value: str
    look: Callable[[Site], object]
    beside: Mapping[str, str] = field(default_factory=dict)


def claude(site: Site) -> Claude:
    parser = wiring.parser()
    assert isinstance(parser, Claude)
    return parser


def github(site: Site) -> GitHub:
    host = wiring.pull_requests()
    assert isinstance(host, GitHub)
    return host


def app() -> Auth.AppInstallationAuth:
    auth = wiring._github_auth(wiring.portal())
    assert isinstance(auth, Auth.AppInstallationAuth)
    return auth


def signs(site: Site) -> bool:
    """Whether what shows to GitHub who the App is can be made at all: only with a real key."""
    try:
        return bool(app()._app_auth.token)
    except InvalidKeyError:
        return False


def doubt_about_a_certificate(site: Site) -> str:
    """Of one that somebody else has signed."""
    content = {"type": "rds"}
    signature = signatures.signed(content, signatures.private_key(PRIVATE))
    return signatures.doubt(content, signature, wiring.catalog().keys)


def where_providers_come_from(site: Site) -> str:
    """What Terraform itself is told."""
    checker = wiring.checker()
    assert isinstance(checker, Terraform)
    home = Path(site["PORTAL"].data_dir)
    home.mkdir(exist_ok=True)
    return checker.installation._configuration(home).read_text(encoding="utf-8")


def of_claude(name: str) -> Callable[[Site], object]:
    return lambda site: getattr(claude(site), name)


def of_site(name: str) -> Callable[[Site], object]:
    return lambda site: site[name]


def of_publishing(name: str) -> Callable[[Site], object]:
    return lambda site: getattr(wiring.publishing(), name)


def serving(site: Site) -> list[str]:
    return _server(wiring.portal())


def api(path: str, **headers: str) -> HttpResponse:
    return Client().get(f"/api/v1/{path}", headers=headers, SERVER_NAME="127.0.0.1")  # type: ignore[return-value]


def environment_of_a_bucket(site: Site) -> object:
    [resource] = services.preview(Submission(TEXT, "ana")).requirements.resources
    return resource.environment.value


def accepted_webhook(site: Site) -> object:
    import hashlib
    import hmac

    from provisioning.errors import BadSignatureError

    signature = hmac.new(b"s" * 32, b"{}", hashlib.sha256).hexdigest()
    try:
        return sync.receive(b"{}", f"sha256={signature}", "delivery")
    except BadSignatureError:
        return "refused"


def allowance(kind: Kind) -> Callable[[Site], object]:
    def look(site: Site) -> object:
        counted = limits.count(kind, "user 1")
        return counted and counted.limit

    return look


def scopes_of_the_token(site: Site) -> int:
    body = {"request": TEXT}
    headers = {"Authorization": f"Bearer {'t' * 32}"}
    answer = Client().post(
        "/api/v1/dry-run", body, content_type="application/json", headers=headers
    )
    return answer.status_code


def address_behind_a_proxy(site: Site) -> str:
    request = RequestFactory().get("/", headers={"X-Forwarded-For": "203.0.113.1"})
    return client_address(request)


def attempts(site: Site) -> int:
    return services.submit(Submission(TEXT, "ana")).attempt_limit


def running_of_one_team(site: Site) -> int:
    from provisioning.requests import leases

    rows = [services.submit(Submission(TEXT, "ana", "payments")) for _ in range(4)]
    lease = timedelta(seconds=60)
    claimed = [
        leases.claim(row.request_id, lease, wiring.portal().team_concurrency) for row in rows
    ]
    for row in filter(None, claimed):
        leases.release(row)
    return sum(row is not None for row in claimed)


def patience(site: Site) -> str:
    """What becomes of a request whose service has been away for 25 hours."""
    from provisioning.requests import waiting

    row = services.submit(Submission(TEXT, "ana"))
    since = timezone.now() - timedelta(hours=25)
    ProvisionRequest.objects.filter(pk=row.pk).update(
        attempt=1, status="parsing", waiting_since=since, waiting_for="rules"
    )
    row.refresh_from_db()
    waiting.fail_or_wait(row, UpstreamUnreachableError("GitHub cannot be reached."))
    row.refresh_from_db()
    return row.status


def session_after(idle: float, began: float) -> Callable[[Site], object]:
    """Whether a session counts that began and was used so many hours ago."""

    def look(site: Site) -> object:
        now = time()
        store = SessionStore()
        store.update({"began": now - began * 3600, "seen": now - idle * 3600})
        return sessions.is_over(store)

    return look


def of_sign_on(name: str) -> Callable[[Site], object]:
    return lambda site: getattr(configured(), name)


def told(site: Site) -> Identity:
    """What is understood of claims that hold groups under two names and an address that nobody says was verified."""
    claims = {"iss": "i", "sub": "s", "groups": ["a"], "roles": ["b"], "email": "ana@example.com"}
    request = RequestFactory().get("/")
    provider = SingleSignOn(request, app=configured())
    login = provider.sociallogin_from_response(request, {"id_token": claims, "userinfo": {}})
    found: Identity = login.identity
    return found


def groups_told(site: Site) -> object:
    return told(site).groups


def address_told(site: Site) -> object:
    return told(site).address


def roles_given(site: Site) -> object:
    User.objects.filter(username="ana").delete()
    person = Person.objects.get(user=make_user("ana"))
    membership.confirm(person, STAFF)
    return person.roles


def confirmed_two_days_ago(site: Site) -> object:
    return confirmation.has_lapsed(Person(confirmed_at=timezone.now() - timedelta(days=2)))


SETTINGS = {
    "ANTHROPIC_API_KEY": Setting("sk-ant-1", lambda site: wiring.parser().name),
    "ANTHROPIC_BASE_URL": Setting(
        "https://claude.example.com", lambda site: str(claude(site)._client.base_url), CLAUDE
    ),
    "ANTHROPIC_MODEL": Setting("claude-sonnet-5-5", of_claude("model"), CLAUDE),
    "ANTHROPIC_EFFORT": Setting("high", of_claude("effort"), CLAUDE),
    "ANTHROPIC_TIMEOUT_SECONDS": Setting(
        "5",
        lambda site: str(claude(site)._client.timeout),
        CLAUDE,
    ),
    "ANTHROPIC_INPUT_PRICE": Setting("2", of_claude("input_price"), CLAUDE),
    "ANTHROPIC_OUTPUT_PRICE": Setting("10", of_claude("output_price"), CLAUDE),
    "ANTHROPIC_CACHE_TTL": Setting("5m", of_claude("cache_ttl"), CLAUDE),
    "PARSER": Setting("rules", lambda site: wiring.parser().name, CLAUDE),
    "PARSER_FALLBACK": Setting("true", lambda site: type(wiring.parser()).__name__, CLAUDE),
    "GITHUB_TOKEN": Setting(
        "ghp_2", lambda site: wiring._github_auth(wiring.portal()).token, GITHUB
    ),
    "GITHUB_ORG": Setting("other", lambda site: wiring.repository(), GITHUB),
    "GITHUB_REPO": Setting("other", lambda site: wiring.repository(), GITHUB),
    "GITHUB_API_URL": Setting(
        "https://github.example.com/api/v3", lambda site: wiring.repository(), GITHUB
    ),
    "GITHUB_BASE_BRANCH": Setting(
        "release", lambda site: github(site).base_branch, {**GITHUB, "GITHUB_BASE_BRANCH": "trunk"}
    ),
    "GITHUB_APP_ID": Setting("7", lambda site: app().app_id, APP),
    "GITHUB_APP_INSTALLATION_ID": Setting("7", lambda site: app().installation_id, APP),
    "GITHUB_APP_PRIVATE_KEY": Setting(a_private_key(), signs, APP),
    "ALLOW_EXAMPLE_VALUES": Setting("true", lambda site: services.examples_in_use() == {}, GITHUB),
    "GITHUB_WEBHOOK_SECRET": Setting("s" * 32, accepted_webhook),
    "GITHUB_LABELS": Setting("infra", of_publishing("labels")),
    "GITHUB_DRAFT": Setting("true", of_publishing("draft")),
    "GITHUB_REVIEWERS": Setting("ana", of_publishing("reviewers")),
    "GITHUB_TEAM_REVIEWERS": Setting("platform", of_publishing("team_reviewers")),
    "GITHUB_SIGN_OFF": Setting("Ada <ada@example.com>", of_publishing("sign_off")),
    "DEFAULT_ENVIRONMENT": Setting("staging", environment_of_a_bucket),
    "CATALOG_PATHS": Setting(
        str(PROJECT / "tests/catalogs/small"), lambda site: sorted(wiring.catalog().types)
    ),
    "CERTIFICATE_PUBLIC_KEYS": Setting(str(PUBLIC), doubt_about_a_certificate),
    "TERRAFORM_BINARY": Setting("/srv/terraform", lambda site: wiring.checker().name),
    "TERRAFORM_PROVIDER_MIRROR": Setting(
        "/srv/providers", where_providers_come_from, {"TERRAFORM_BINARY": "/srv/terraform"}
    ),
    "DATABASE_URL": Setting(
        "postgresql://portal:secret@db.example.com/portal",
        lambda site: site["DATABASES"]["default"]["HOST"],
    ),
    "SECRET_KEY": Setting("k" * 40, of_site("SECRET_KEY")),
    "ALLOWED_HOSTS": Setting("portal.example.com", of_site("ALLOWED_HOSTS")),
    "PUBLIC_URL": Setting("https://portal.example.com", lambda site: wiring.public_url()),
    "API_TOKEN": Setting(
        "t" * 32,
        lambda site: api("requests?user=ana", Authorization=f"Bearer {'t' * 32}").status_code,
    ),
    "API_TOKEN_SCOPES": Setting("read", scopes_of_the_token, {"API_TOKEN": "t" * 32}),
    "DEMO": Setting("true", lambda site: api("requests?user=ana").status_code),
    "DEBUG": Setting("true", of_site("DEBUG")),
    "HOST": Setting("0.0.0.0", serving),
    "PORT": Setting("9000", serving),
    "WEB_PROCESSES": Setting("5", serving),
    "DATA_DIR": Setting("/srv/portal", lambda site: str(wiring.local_repository().path)),
    "LOG_LEVEL": Setting("WARNING", lambda site: site["LOGGING"]["root"]["level"]),
    "HSTS_SECONDS": Setting("60", of_site("SECURE_HSTS_SECONDS")),
    "CORS_ORIGINS": Setting("https://backstage.example.com", of_site("CORS_ALLOWED_ORIGINS")),
    "TRUSTED_PROXIES": Setting("1", address_behind_a_proxy),
    "PROVISIONS_PER_MINUTE": Setting("7", allowance(Kind.PROVISION)),
    "DRY_RUNS_PER_MINUTE": Setting("7", allowance(Kind.DRY_RUN)),
    "READS_PER_MINUTE": Setting("7", allowance(Kind.READ)),
    "SIGN_INS_PER_MINUTE": Setting("7", allowance(Kind.SIGN_IN)),
    "REFUSALS_PER_MINUTE": Setting("7", allowance(Kind.REFUSAL)),
    "SESSION_IDLE_HOURS": Setting("1", session_after(2, SESSION)),
    "SESSION_MAX_HOURS": Setting("1", session_after(0, SESSION)),
    "OIDC_ISSUER": Setting("http://127.0.0.1:2", of_sign_on("settings"), SIGN_ON),
    "OIDC_CLIENT_ID": Setting("other", of_sign_on("client_id"), SIGN_ON),
    "OIDC_CLIENT_SECRET": Setting("o" * 40, of_sign_on("secret"), SIGN_ON),
    "OIDC_NAME": Setting("Acme", of_sign_on("name"), SIGN_ON),
    "OIDC_SCOPES": Setting("openid,groups", of_sign_on("settings"), SIGN_ON),
    "OIDC_GROUPS_CLAIM": Setting("roles", groups_told, SIGN_ON),
    "OIDC_TRUST_EMAIL": Setting("true", address_told, SIGN_ON),
    "OIDC_ADMIT_GROUPS": Setting("staff", lambda site: membership.is_admitted(STAFF), SIGN_ON),
    "OIDC_PLATFORM_GROUPS": Setting("staff", roles_given, SIGN_ON),
    "OIDC_AUDITOR_GROUPS": Setting("staff", roles_given, SIGN_ON),
    "OIDC_ADMIN_GROUPS": Setting("staff", roles_given, SIGN_ON),
    "SSO_CONFIRM_DAYS": Setting("1", confirmed_two_days_ago, SIGN_ON),
    "WORKERS": Setting("7", lambda site: site["Q_CLUSTER"]["lanes"]["provisioning"]),
    "REQUEST_LEASE_SECONDS": Setting("30", lambda site: wiring.lease()),
    "REQUEST_MAX_ATTEMPTS": Setting("2", attempts),
    "OUTAGE_PATIENCE_HOURS": Setting("48", patience),
    "TEAM_CONCURRENCY": Setting("3", running_of_one_team),
}
# Looked at by tests of their own, because a server has to be started for them.
ELSEWHERE = {
    "WEB_THREADS": "tests/portal/test_web.py",
    "TRAIL_SIGNING_KEY": "tests/trail/test_witnesses.py",
    "BACKSTAGE_URL": "tests/identity/test_backstage.py",
    "BACKSTAGE_ISSUER": "tests/identity/test_backstage.py",
    "BACKSTAGE_PLUGINS": "tests/identity/test_backstage.py",
    "BACKSTAGE_NEW_PEOPLE": "tests/identity/test_backstage.py",
}


def test_each_name_of_the_example_is_looked_at() -> None:
    assert set(SETTINGS) | set(ELSEWHERE) == set(EXAMPLE)
    assert set(SETTINGS).isdisjoint(ELSEWHERE)
    for name, path in ELSEWHERE.items():
        assert name in (PROJECT / path).read_text(encoding="utf-8")


@pytest.fixture
def started(
    portal: Callable[..., None], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> Iterator[Callable[[Mapping[str, str]], Site]]:
    """The portal as it would start with these variables and no others."""
    monkeypatch.setenv("PATH", str(tmp_path))  # no terraform

    def start(variables: Mapping[str, str]) -> Site:
        for name in EXAMPLE:
            monkeypatch.delenv(name, raising=False)
        given = {
            "SECRET_KEY": "only for tests " * 3,
            "DATA_DIR": str(tmp_path / "var"),
            **variables,
        }
        for name, value in given.items():
            monkeypatch.setenv(name, value)
        wiring.catalog.cache_clear()
        portal(**{name: getattr(load(), name) for name in Configuration.model_fields})
        return runpy.run_path(str(SITE))

    database = django_settings.PORTAL.database_url
    yield start
    wiring.catalog.cache_clear()
    portal(database_url=database, catalog_paths=(BUILT_IN,))


@pytest.mark.parametrize("name", sorted(SETTINGS))
def test_a_setting_does_what_it_says(
    started: Callable[[Mapping[str, str]], Site], name: str
) -> None:
    setting = SETTINGS[name]
    before = setting.look(started(setting.beside))
    _forget()
    after = setting.look(started({**setting.beside, name: setting.value}))
    assert before != after


def _forget() -> None:
    """What the first look has stored must not be what the second one sees."""
    ProvisionRequest.objects.all().delete()


def test_a_request_is_read_by_the_parser_that_the_settings_choose(
    started: Callable[[Mapping[str, str]], Site],
) -> None:
    started({"PARSER": "rules"})
    row = services.submit(Submission("staging S3 bucket for logs", "ana"))
    tasks.run_request(row.request_id)
    row.refresh_from_db()
    assert row.requirements is not None
    assert row.requirements.parser == "rules"
