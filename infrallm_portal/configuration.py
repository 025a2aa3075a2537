"""Configuration variables and `.env`, read once into one frozen, typed object; `.env.example` says what each is for.

A wrong value stops the start with one line that names the variable, what was wrong and what is allowed. The value of a
secret is never part of it. `<NAME>_FILE` reads the value of `<NAME>` from a mounted file.
"""

import os
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Literal
from urllib.parse import urlsplit

from dotenv import dotenv_values
from pydantic import BaseModel, ConfigDict, Field, SecretStr, ValidationError
from pydantic_core import ErrorDetails

from infrallm_portal import PROJECT
from infrallm_portal.setting_types import (
    Address,
    DatabaseAddress,
    Digits,
    Identifier,
    Owner,
    Paths,
    Person,
    ProjectPath,
    Repository,
    Words,
)

LOOPBACK = ("127.0.0.1", "localhost", "::1")


class SettingsError(Exception):
    """The environment cannot be used; the message has one line for each wrong variable."""


class Configuration(BaseModel):
    # Otherwise a wrong value, which may be a secret, is part of the message.
    model_config = ConfigDict(frozen=True, hide_input_in_errors=True)

    anthropic_api_key: SecretStr | None = None
    anthropic_base_url: Address | None = None
    anthropic_model: str = "claude-haiku-5-5"
    anthropic_effort: Literal["low", "medium", "high", "xhigh", "max"] = "low"
    anthropic_timeout_seconds: float = Field(60, gt=0, le=600)
    anthropic_cache_ttl: Literal["5m", "1h"] = "1h"
    anthropic_input_price: float = Field(0.10, ge=0)
    anthropic_output_price: float = Field(0.50, ge=0)
    parser: Literal["auto", "claude", "rules"] = "auto"
    parser_fallback: bool = False

    github_token: SecretStr | None = None
    github_org: Owner = ""
    github_repo: Repository = ""
    github_api_url: Address = "https://api.github.com"
    github_base_branch: str = ""
    github_app_id: Digits = ""
    github_app_installation_id: Digits = ""
    github_app_private_key: SecretStr | None = None
    github_webhook_secret: SecretStr | None = None
    github_labels: Words = ("infrallm",)
    github_draft: bool = False
    github_reviewers: Words = ()
    github_team_reviewers: Words = ()
    github_sign_off: Person = ""

    default_environment: Identifier | None = None
    catalog_paths: Paths = (PROJECT / "terraform_templates",)
    certificate_public_keys: Paths = ()
    allow_example_values: bool = False
    terraform_binary: str = ""
    terraform_provider_mirror: Path | None = None

    database_url: DatabaseAddress | None = None
    secret_key: SecretStr | None = None
    allowed_hosts: Words = ()
    public_url: Address | None = None
    api_token: SecretStr | None = None
    api_token_scopes: Words = ("read", "request", "on-behalf-of", "metrics")
    trail_signing_key: SecretStr | None = None
    backstage_url: Address | None = None
    backstage_issuer: Address | None = None
    backstage_plugins: Words = ("scaffolder",)
    backstage_new_people: bool = False
    demo: bool = False
    debug: bool = False
    host: str = "127.0.0.1"
    port: int = Field(8000, ge=1, le=65535)
    web_processes: int = Field(2, ge=1, le=64)
    web_threads: int = Field(8, ge=1, le=256)
    hsts_seconds: int = Field(31_536_000, ge=0)
    cors_origins: Words = ()
    trusted_proxies: int = Field(0, ge=0, le=10)
    provisions_per_minute: int = Field(60, ge=0)
    dry_runs_per_minute: int = Field(60, ge=0)
    reads_per_minute: int = Field(600, ge=0)
    sign_ins_per_minute: int = Field(20, ge=0)
    refusals_per_minute: int = Field(30, ge=0)
    session_idle_hours: float = Field(12, gt=0, le=8760)
    session_max_hours: float = Field(168, gt=0, le=8760)
    oidc_issuer: Address | None = None
    oidc_client_id: str = ""
    oidc_client_secret: SecretStr | None = None
    oidc_name: str = "single sign-on"
    oidc_scopes: Words = ("openid", "profile", "email")
    oidc_groups_claim: str = "groups"
    oidc_admit_groups: Words = ()
    oidc_platform_groups: Words = ()
    oidc_auditor_groups: Words = ()
    oidc_admin_groups: Words = ()
    oidc_trust_email: bool = False
    sso_confirm_days: float = Field(30, ge=0, le=3650)
    data_dir: ProjectPath = Path("var")
    log_level: Literal["DEBUG", "INFO", "WARNING", "ERROR"] = "INFO"

    workers: int = Field(2, ge=1, le=64)
    request_lease_seconds: int = Field(60, ge=5, le=3600)
    request_max_attempts: int = Field(5, ge=1, le=20)
    outage_patience_hours: float = Field(24, gt=0, le=168)
    team_concurrency: int = Field(2, ge=1, le=64)


SCOPES = frozenset({"read", "request", "on-behalf-of", "metrics", "admin"})
SHORTEST_TOKEN = 32  # characters; shorter ones can be guessed
NAMES = tuple(name.upper() for name in Configuration.model_fields)
SECRETS = frozenset(
    name.upper()
    for name, field in Configuration.model_fields.items()
    if "SecretStr" in str(field.annotation)
)
SIGNS_NOTHING = frozenset(
    {"catalog", "certify", "understand", "collectstatic", "makemigrations", "help", "version"}
)
HELP = frozenset({"-h", "--help", "--version"})
ALLOWED = {
    "bool_parsing": "it must be true or false",
    "int_parsing": "it must be a whole number",
    "float_parsing": "it must be a number",
}


def load(variables: Mapping[str, str] | None = None) -> Configuration:
    """From the given variables, or else from the process's own over those of `.env`. An empty value counts as unset."""
    if variables is None:
        file = os.environ.get("ENV_FILE", PROJECT / ".env")
        dotenv = {name: value or "" for name, value in dotenv_values(file).items()}
        variables = {**dotenv, **os.environ}
    given = {name: value for name, value in variables.items() if value.strip()}
    values = _with_secret_files(given)
    # A key that was pasted with its line end is refused far away, by the service that it is for.
    values |= {name: values[name].strip() for name in SECRETS if name in values}
    try:
        configuration = Configuration.model_validate(
            {name.lower(): values[name] for name in NAMES if name in values}
        )
    except ValidationError as error:
        raise SettingsError(
            "\n".join(_line(detail, values) for detail in error.errors(include_url=False))
        ) from None
    if problems := list(_contradictions(configuration)):
        raise SettingsError("\n".join(problems))
    return configuration


def recorded_settings(configuration: Configuration) -> dict[str, str]:
    """What differs from the defaults, for the record. Of what may be a secret or name somebody, only that it is set."""
    told = {}
    for name, field in Configuration.model_fields.items():
        value = getattr(configuration, name)
        if value != field.default:
            told[name.upper()] = str(value) if isinstance(value, bool | int | float) else "set"
    return told


def signs_nothing(arguments: Sequence[str]) -> bool:
    """Whether this is `manage.py` with a command that signs nothing, so that no SECRET_KEY is needed: it reads or writes files
    of the catalog or of the site, or only shows its help."""
    program, *given = arguments or [""]
    if Path(program).name != "manage.py":
        return False
    return not given or given[0] in SIGNS_NOTHING or not HELP.isdisjoint(given)


def secret_key(configuration: Configuration) -> str:
    """SECRET_KEY, or the one that `manage.py dev` made in the data folder at its first run."""
    made = configuration.data_dir / "secret_key"
    if configuration.secret_key:
        return configuration.secret_key.get_secret_value()
    if made.is_file():
        return made.read_text(encoding="utf-8")
    raise SettingsError(
        "SECRET_KEY is not set: it must have at least 32 random characters (make run makes its own)."
    )


def _with_secret_files(values: dict[str, str]) -> dict[str, str]:
    for name in NAMES:
        path = values.get(f"{name}_FILE")
        if path and name in values:
            raise SettingsError(f"{name} and {name}_FILE are both set: keep one of them.")
        if path:
            values[name] = _secret_file(name, Path(path))
    return values


def _secret_file(name: str, path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8").strip()
    except (OSError, UnicodeDecodeError) as error:
        raise SettingsError(
            f"{name}_FILE: {path} cannot be read ({error.__class__.__name__})."
        ) from None


def _line(detail: ErrorDetails, values: Mapping[str, str]) -> str:
    name = str(detail["loc"][0]).upper()
    shown = "has a wrong value" if name in SECRETS else f"is {values[name]!r}"
    reason = detail["msg"].removeprefix("Value error, ").replace("Input should", "it must")
    return f"{name} {shown}: {ALLOWED.get(detail['type'], reason)}."


def _contradictions(configuration: Configuration) -> Iterator[str]:
    """Variables that mean something only in company."""
    app = (
        configuration.github_app_id,
        configuration.github_app_installation_id,
        configuration.github_app_private_key,
    )
    if any(app) and not all(app):
        yield "GITHUB_APP_ID, GITHUB_APP_INSTALLATION_ID and GITHUB_APP_PRIVATE_KEY are needed together."
    if any(app) and configuration.github_token:
        yield "GITHUB_TOKEN and GITHUB_APP_ID are both set: keep one of them."
    if (configuration.github_token or any(app)) and not (
        configuration.github_org and configuration.github_repo
    ):
        yield "GITHUB_ORG and GITHUB_REPO are needed together with GITHUB_TOKEN or GITHUB_APP_ID."
    if configuration.parser == "claude" and not configuration.anthropic_api_key:
        yield "ANTHROPIC_API_KEY is needed for PARSER=claude."
    # By what is listened on: a Host header is whatever the caller writes.
    if configuration.demo and configuration.host not in LOOPBACK:
        yield f"HOST is {configuration.host!r}: with DEMO it must be one of {', '.join(LOOPBACK)}."
    yield from _token_mistakes(configuration)
    yield from _strange_origins(configuration)
    yield from _sign_on_mistakes(configuration)
    if configuration.secret_key and len(configuration.secret_key.get_secret_value()) < 32:
        yield "SECRET_KEY has a wrong value: it must have at least 32 characters."


def _strange_origins(configuration: Configuration) -> Iterator[str]:
    for origin in configuration.cors_origins:
        parts = urlsplit(origin)
        # A browser's Origin has no path and no final slash: any other spelling never matches.
        if parts.scheme not in {"http", "https"} or f"{parts.scheme}://{parts.netloc}" != origin:
            yield f"CORS_ORIGINS names {origin!r}: it must be like https://backstage.example.com."


def _token_mistakes(configuration: Configuration) -> Iterator[str]:
    if unknown := set(configuration.api_token_scopes) - SCOPES:
        yield f"API_TOKEN_SCOPES names {', '.join(sorted(unknown))}: it may hold {', '.join(sorted(SCOPES))}."
    if configuration.api_token and len(configuration.api_token.get_secret_value()) < SHORTEST_TOKEN:
        yield f"API_TOKEN has a wrong value: it must have at least {SHORTEST_TOKEN} characters."


def _sign_on_mistakes(configuration: Configuration) -> Iterator[str]:
    given = (
        configuration.oidc_issuer,
        configuration.oidc_client_id,
        configuration.oidc_client_secret,
    )
    if any(given) and not all(given):
        yield "OIDC_ISSUER, OIDC_CLIENT_ID and OIDC_CLIENT_SECRET are needed together."
    issuer = urlsplit(configuration.oidc_issuer or "")
    if issuer.scheme == "http" and issuer.hostname not in LOOPBACK:
        yield "OIDC_ISSUER must begin with https://: anybody on the way could sign in as anybody."
    if "openid" not in configuration.oidc_scopes:
        yield "OIDC_SCOPES must hold openid."
