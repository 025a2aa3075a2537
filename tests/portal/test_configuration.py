"""The environment: typed, read once, and refused in one clear line when it is wrong."""

import re
import subprocess
import sys
from pathlib import Path

import pytest
from dotenv import dotenv_values
from hypothesis import given
from hypothesis import strategies as st

from infrallm_portal import PROJECT
from infrallm_portal.configuration import NAMES, SECRETS, Configuration, SettingsError, load
from infrallm_portal.provider_mirror import find_provider_mirror

KEY = "k" * 32
EXAMPLE = {name: value or "" for name, value in dotenv_values(PROJECT / ".env.example").items()}


def refused(**variables: str) -> str:
    with pytest.raises(SettingsError) as refusal:
        load(variables)
    return str(refusal.value)


def test_the_empty_environment_is_a_good_one() -> None:
    environment = load({})
    assert environment.default_environment is None
    assert environment.parser == "auto"
    assert environment.github_token is None
    assert environment.data_dir == PROJECT / "var"
    assert environment.catalog_paths == (PROJECT / "terraform_templates",)


def test_the_variables_of_the_api_service_are_read() -> None:
    environment = load(
        {
            "ANTHROPIC_API_KEY": "sk-ant-1",
            "GITHUB_TOKEN": "ghp_1",
            "GITHUB_ORG": "your-org",
            "GITHUB_REPO": "infrastructure",
            "DEFAULT_ENVIRONMENT": "staging",
        }
    )
    assert environment.anthropic_api_key
    assert environment.anthropic_api_key.get_secret_value() == "sk-ant-1"
    assert (environment.github_org, environment.github_repo) == ("your-org", "infrastructure")
    assert environment.default_environment == "staging"


@pytest.mark.parametrize(
    ("name", "value", "line"),
    [
        ("WORKERS", "many", "WORKERS is 'many': it must be a whole number."),
        ("WORKERS", "0", "WORKERS is '0': it must be greater than or equal to 1."),
        ("PORT", "70000", "PORT is '70000': it must be less than or equal to 65535."),
        (
            "ANTHROPIC_TIMEOUT_SECONDS",
            "soon",
            "ANTHROPIC_TIMEOUT_SECONDS is 'soon': it must be a number.",
        ),
        ("DEMO", "perhaps", "DEMO is 'perhaps': it must be true or false."),
        ("PARSER", "gpt", "PARSER is 'gpt': it must be 'auto', 'claude' or 'rules'."),
        (
            "GITHUB_API_URL",
            "api.github.com",
            "GITHUB_API_URL is 'api.github.com': it must be an http:// or https://",
        ),
        (
            "DEFAULT_ENVIRONMENT",
            "Prod!",
            "DEFAULT_ENVIRONMENT is 'Prod!': it must be lower-case letters, digits and",
        ),
        ("GITHUB_ORG", "a/b", "GITHUB_ORG is 'a/b': it must be letters, digits and hyphens."),
        (
            "GITHUB_REPO",
            "a/b",
            "GITHUB_REPO is 'a/b': it must be letters, digits, dots, hyphens and underscores.",
        ),
        ("GITHUB_APP_ID", "x1", "GITHUB_APP_ID is 'x1': it must be digits only."),
        ("GITHUB_SIGN_OFF", "Ada", "GITHUB_SIGN_OFF is 'Ada': it must be a name and an address"),
        (
            "DATABASE_URL",
            "mysql://u:geheim@h/d",
            "DATABASE_URL has a wrong value: it must be postgresql://",
        ),
        (
            "SECRET_KEY",
            "geheim",
            "SECRET_KEY has a wrong value: it must have at least 32 characters.",
        ),
    ],
)
def test_a_wrong_value_is_one_line_with_the_name_and_what_is_allowed(
    name: str, value: str, line: str
) -> None:
    said = refused(**{name: value})
    assert said.startswith(line)
    assert "\n" not in said


def test_two_wrong_values_are_two_lines() -> None:
    assert len(refused(WORKERS="x", PORT="y").splitlines()) == 2


@pytest.mark.parametrize(
    ("variables", "line"),
    [
        (
            {"GITHUB_TOKEN": "t"},
            "GITHUB_ORG and GITHUB_REPO are needed together with GITHUB_TOKEN or GITHUB_APP_ID.",
        ),
        (
            {"GITHUB_APP_ID": "1", "GITHUB_ORG": "o", "GITHUB_REPO": "r"},
            "GITHUB_APP_ID, GITHUB_APP_INSTALLATION_ID and",
        ),
        ({"PARSER": "claude"}, "ANTHROPIC_API_KEY is needed for PARSER=claude."),
        (
            {"DEMO": "true", "HOST": "0.0.0.0"},
            "HOST is '0.0.0.0': with DEMO it must be one of 127.0.0.1, localhost, ::1.",
        ),
        (
            {"API_TOKEN": "a", "API_TOKEN_FILE": "/x"},
            "API_TOKEN and API_TOKEN_FILE are both set: keep one of them.",
        ),
        (
            {"API_TOKEN_FILE": "/nowhere/x"},
            "API_TOKEN_FILE: /nowhere/x cannot be read (FileNotFoundError).",
        ),
    ],
)
def test_what_does_not_go_together_is_refused(variables: dict[str, str], line: str) -> None:
    assert refused(**variables).startswith(line)


@given(st.sampled_from(sorted(SECRETS)), st.text("abcXYZ019", min_size=9, max_size=31))
def test_no_message_and_no_repr_shows_a_secret(name: str, secret: str) -> None:
    try:
        environment = load({name: secret})
    except SettingsError as refusal:
        assert secret not in str(refusal)
        assert refusal.__cause__ is None
    else:
        assert secret not in repr(environment)
        assert secret not in str(environment.model_dump())


@given(st.sampled_from(sorted(set(NAMES))), st.text(min_size=1, max_size=40))
def test_no_value_gives_anything_but_an_environment_or_a_line(name: str, value: str) -> None:
    try:
        load({name: value})
    except SettingsError as refusal:
        assert re.match(r"[A-Z_, ]+", str(refusal))


def test_an_empty_value_counts_as_unset() -> None:
    assert load({"GITHUB_TOKEN": "", "WORKERS": " "}) == load({})


def test_a_mounted_file_gives_the_value(tmp_path: Path) -> None:
    secret = tmp_path / "key"
    secret.write_text(KEY + "\n")
    environment = load({"SECRET_KEY_FILE": str(secret)})
    assert environment.secret_key
    assert environment.secret_key.get_secret_value() == KEY


def test_lists_are_separated_by_commas_and_paths_by_colons(tmp_path: Path) -> None:
    environment = load(
        {
            "GITHUB_LABELS": "infrallm, terraform,",
            "CATALOG_PATHS": f"terraform_templates:{tmp_path}",
        }
    )
    assert environment.github_labels == ("infrallm", "terraform")
    assert environment.catalog_paths == (PROJECT / "terraform_templates", tmp_path)


def test_the_example_file_names_exactly_the_variables_and_their_defaults() -> None:
    assert sorted(EXAMPLE) == sorted(NAMES)
    assert load(EXAMPLE) == load({})
    for name, field in Configuration.model_fields.items():
        assert EXAMPLE[name.upper()] in ("", _as_text(field.get_default()))


def _as_text(value: object) -> str:
    if isinstance(value, tuple):
        return ",".join(map(str, value))
    return str(value).lower() if isinstance(value, bool) else str(value)


@pytest.mark.parametrize("variables", [{"WORKERS": "many", "SECRET_KEY": KEY}, {}])
def test_the_program_stops_with_the_line_and_no_traceback(
    variables: dict[str, str], tmp_path: Path
) -> None:
    clean = {
        "PATH": "/usr/bin:/bin",
        "ENV_FILE": "/dev/null",
        "DATA_DIR": str(tmp_path),
        **variables,
    }
    command = [sys.executable, str(PROJECT / "manage.py"), "check"]
    done = subprocess.run(command, env=clean, capture_output=True, text=True, check=False)
    assert done.returncode == 1
    assert re.fullmatch(r"(WORKERS|SECRET_KEY) .*\n", done.stderr)


def test_the_process_environment_wins_over_the_env_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / "env"
    file.write_text("WORKERS=3\nTEAM_CONCURRENCY=7\n")
    monkeypatch.setenv("ENV_FILE", str(file))
    monkeypatch.setenv("WORKERS", "4")
    environment = load()
    assert (environment.workers, environment.team_concurrency) == (4, 7)


def test_the_provider_mirror_is_the_one_that_was_set(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TERRAFORM_PROVIDER_MIRROR", str(tmp_path))
    assert find_provider_mirror() == tmp_path


def test_the_provider_mirror_is_found_in_the_users_plugin_folder(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    plugins = tmp_path / ".terraform.d" / "plugins"
    (plugins / "registry.terraform.io").mkdir(parents=True)
    monkeypatch.delenv("TERRAFORM_PROVIDER_MIRROR", raising=False)
    monkeypatch.setenv("HOME", str(tmp_path))
    assert find_provider_mirror() == plugins


@pytest.mark.parametrize("name", sorted(SECRETS - {"DATABASE_URL", "SECRET_KEY"}))
def test_white_space_around_a_secret_is_cut(name: str) -> None:
    needed = {
        "GITHUB_ORG": "acme",
        "GITHUB_REPO": "infrastructure",
        "GITHUB_APP_ID": "1" if name == "GITHUB_APP_PRIVATE_KEY" else "",
        "GITHUB_APP_INSTALLATION_ID": "1" if name == "GITHUB_APP_PRIVATE_KEY" else "",
    }
    if name == "OIDC_CLIENT_SECRET":
        needed |= {"OIDC_ISSUER": "https://id.example.com", "OIDC_CLIENT_ID": "portal"}
    given = getattr(
        load(needed | {name: " \ta secret of its own that is long enough\r\n"}), name.lower()
    )
    assert given.get_secret_value() == "a secret of its own that is long enough"
