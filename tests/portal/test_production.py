"""The settings of a deployment, as README documents them."""

import os
import subprocess
import sys

import pytest
from django.test import Client
from pytest_django import Settings

from infrallm_portal import PROJECT, configuration
from infrallm_portal.configuration import SettingsError

PRODUCTION = {
    "DATABASE_URL": "postgresql://portal_app:secret@db.example.com/portal",
    "SECRET_KEY": "Kq7-xN2vPzr5TbWm9sLdYf3hGjUc8eAoRi4tQ6wX1nZkVyBpMl0EuHsFgJ",
    "ALLOWED_HOSTS": "portal.example.com",
    "PUBLIC_URL": "https://portal.example.com",
    "TRUSTED_PROXIES": "1",
}


def test_djangos_checks_of_a_deployment_find_nothing() -> None:
    environment = {"PATH": os.environ["PATH"], "ENV_FILE": os.devnull, **PRODUCTION}
    command = [sys.executable, "manage.py", "check", "--deploy", "--fail-level", "WARNING"]
    done = subprocess.run(
        command, cwd=PROJECT, env=environment, capture_output=True, text=True, check=False
    )
    assert (done.returncode, done.stderr) == (0, "")


def test_what_is_recorded_of_the_settings_holds_no_secret() -> None:
    told = configuration.recorded_settings(configuration.load(PRODUCTION))
    assert told["TRUSTED_PROXIES"] == "1"
    assert told["SECRET_KEY"] == told["DATABASE_URL"] == "set"
    assert "PORT" not in told
    assert "secret" not in str(told)


ELSEWHERE = "https://backstage.example.com"


@pytest.mark.django_db
def test_pages_of_other_origins_call_nothing_unless_they_are_listed(
    client: Client, portal: object, settings: Settings
) -> None:
    assert "Access-Control-Allow-Origin" not in client.get(
        "/api/v1/catalog", headers={"Origin": ELSEWHERE}
    )
    settings.CORS_ALLOWED_ORIGINS = [ELSEWHERE]
    allowed = client.get("/api/v1/catalog", headers={"Origin": ELSEWHERE})
    assert allowed["Access-Control-Allow-Origin"] == ELSEWHERE
    assert "Access-Control-Allow-Credentials" not in allowed
    assert "Access-Control-Allow-Origin" not in client.get("/login", headers={"Origin": ELSEWHERE})
    other = client.get("/api/v1/catalog", headers={"Origin": "https://evil.example"})
    assert "Access-Control-Allow-Origin" not in other


@pytest.mark.parametrize("origin", ["*", "backstage.example.com", "https://a.example/path", "null"])
def test_what_is_no_origin_stops_the_start(origin: str) -> None:
    with pytest.raises(SettingsError, match="CORS_ORIGINS names"):
        configuration.load({"CORS_ORIGINS": origin})
