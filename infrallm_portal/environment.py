"""Environment variables and `.env`, read once into one frozen, typed object; `.env.example` says what each is for.

A wrong value stops the start with one line that names the variable, what was wrong and what is allowed. The value of a
secret is never part of it. `<NAME>_FILE` reads the value of `<NAME>` from a mounted file.
"""

import os
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any, Literal
from urllib.parse import urlsplit

from dotenv import dotenv_values
from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, SecretStr, ValidationError
from pydantic_core import ErrorDetails

PROJECT = Path(__file__).resolve().parent.parent
LOOPBACK = ("127.0.0.1", "localhost", "::1")


class WrongSettings(Exception):
    """The environment cannot be used; the message has one line for each wrong variable."""


def _words(value: Any) -> Any:
    return tuple(word.strip() for word in value.split(",") if word.strip()) if isinstance(value, str) else value


def _paths(value: Any) -> Any:
    return tuple(PROJECT / path for path in value.split(":") if path) if isinstance(value, str) else value


def _http(value: str) -> str:
    parts = urlsplit(value)
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise ValueError("it must be an http:// or https:// address")
    return value.rstrip("/")


def _postgres(value: SecretStr) -> SecretStr:
    if urlsplit(value.get_secret_value()).scheme not in ("postgres", "postgresql"):
        raise ValueError("it must be postgresql://user:password@host:port/name")
    return value


def _made_of(pattern: str, words: str) -> AfterValidator:
    def check(value: str) -> str:
        if not re.fullmatch(pattern, value):
            raise ValueError(f"it must be {words}")
        return value

    return AfterValidator(check)


def _below_project(value: Path) -> Path:
    return PROJECT / value


Words = Annotated[tuple[str, ...], BeforeValidator(_words)]
Paths = Annotated[tuple[Path, ...], BeforeValidator(_paths)]
ProjectPath = Annotated[Path, AfterValidator(_below_project), Field(validate_default=True)]
Address = Annotated[str, AfterValidator(_http)]
DatabaseAddress = Annotated[SecretStr, AfterValidator(_postgres)]
Digits = Annotated[str, _made_of(r"[0-9]*", "digits only")]
Identifier = Annotated[str, _made_of(r"[a-z][a-z0-9-]*", "lower-case letters, digits and hyphens, a letter first")]
Owner = Annotated[str, _made_of(r"[A-Za-z0-9-]*", "letters, digits and hyphens")]
Repository = Annotated[str, _made_of(r"[A-Za-z0-9._-]*", "letters, digits, dots, hyphens and underscores")]


class Environment(BaseModel):
    model_config = ConfigDict(frozen=True, hide_input_in_errors=True)

    anthropic_api_key: SecretStr | None = None
    anthropic_base_url: Address | None = None
    anthropic_model: str = "claude-haiku-5-5"
    anthropic_effort: Literal["low", "medium", "high", "xhigh", "max"] = "low"
    anthropic_timeout_seconds: float = Field(60, gt=0, le=600)
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

    default_environment: Identifier = "dev"
    catalog_paths: Paths = (PROJECT / "terraform_templates",)
    terraform_binary: str = ""
    terraform_provider_mirror: Path | None = None

    database_url: DatabaseAddress | None = None
    secret_key: SecretStr | None = None
    allowed_hosts: Words = ()
    public_url: Address | None = None
    api_token: SecretStr | None = None
    demo: bool = False
    debug: bool = False
    host: str = "127.0.0.1"
    port: int = Field(8000, ge=1, le=65535)
    data_dir: ProjectPath = Path("var")
    log_level: Literal["DEBUG", "INFO", "WARNING", "ERROR"] = "INFO"

    workers: int = Field(2, ge=1, le=64)
    request_lease_seconds: int = Field(60, ge=5, le=3600)
    request_max_attempts: int = Field(5, ge=1, le=20)
    team_concurrency: int = Field(2, ge=1, le=64)


def load(variables: Mapping[str, str] | None = None) -> Environment:
    """From the given variables, or else from the process's own over those of `.env`. An empty value counts as unset."""
    if variables is None:
        file = os.environ.get("ENV_FILE", PROJECT / ".env")
        dotenv = {name: value or "" for name, value in dotenv_values(file).items()}
        variables = {**dotenv, **os.environ}
    values = _with_secret_files({name: value for name, value in variables.items() if value.strip()})
    try:
        environment = Environment.model_validate({name.lower(): values[name] for name in NAMES if name in values})
    except ValidationError as error:
        raise WrongSettings("\n".join(_line(detail, values) for detail in error.errors(include_url=False))) from None
    _check_together(environment)
    return environment


def secret_key(environment: Environment) -> str:
    """SECRET_KEY, or the one that `manage.py dev` made in the data folder at its first run."""
    made = environment.data_dir / "secret_key"
    if environment.secret_key:
        return environment.secret_key.get_secret_value()
    if made.is_file():
        return made.read_text(encoding="utf-8")
    raise WrongSettings("SECRET_KEY is not set: it must have at least 32 random characters (make run makes its own).")


NAMES = tuple(name.upper() for name in Environment.model_fields)
SECRETS = frozenset(
    name.upper() for name, field in Environment.model_fields.items() if "SecretStr" in str(field.annotation)
)


def _with_secret_files(values: dict[str, str]) -> dict[str, str]:
    for name in NAMES:
        path = values.get(f"{name}_FILE")
        if path and name in values:
            raise WrongSettings(f"{name} and {name}_FILE are both set: keep one of them.")
        if path:
            values[name] = _secret_file(name, Path(path))
    return values


def _secret_file(name: str, path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8").strip()
    except (OSError, UnicodeDecodeError) as error:
        raise WrongSettings(f"{name}_FILE: {path} cannot be read ({error.__class__.__name__}).") from None


ALLOWED = {
    "bool_parsing": "it must be true or false",
    "int_parsing": "it must be a whole number",
    "float_parsing": "it must be a number",
}


def _line(detail: ErrorDetails, values: Mapping[str, str]) -> str:
    name = str(detail["loc"][0]).upper()
    shown = "has a wrong value" if name in SECRETS else f"is {values[name]!r}"
    reason = detail["msg"].removeprefix("Value error, ").replace("Input should", "it must")
    return f"{name} {shown}: {ALLOWED.get(detail['type'], reason)}."


def _check_together(environment: Environment) -> None:
    """Variables that mean something only in company."""
    app = (environment.github_app_id, environment.github_app_installation_id, environment.github_app_private_key)
    problems = []
    if any(app) and not all(app):
        problems.append("GITHUB_APP_ID, GITHUB_APP_INSTALLATION_ID and GITHUB_APP_PRIVATE_KEY are needed together.")
    if any(app) and environment.github_token:
        problems.append("GITHUB_TOKEN and GITHUB_APP_ID are both set: keep one of them.")
    if (environment.github_token or any(app)) and not (environment.github_org and environment.github_repo):
        problems.append("GITHUB_ORG and GITHUB_REPO are needed together with GITHUB_TOKEN or GITHUB_APP_ID.")
    if environment.parser == "claude" and not environment.anthropic_api_key:
        problems.append("ANTHROPIC_API_KEY is needed for PARSER=claude.")
    if environment.demo and environment.host not in LOOPBACK:
        problems.append(f"HOST is {environment.host!r}: with DEMO it must be one of {', '.join(LOOPBACK)}.")
    if environment.secret_key and len(environment.secret_key.get_secret_value()) < 32:
        problems.append("SECRET_KEY has a wrong value: it must have at least 32 characters.")
    if problems:
        raise WrongSettings("\n".join(problems))


PLUGIN_FOLDERS = ("~/.terraform.d/plugins", "~/.local/share/terraform/plugins", "/usr/local/share/terraform/plugins")
SHARED_FOLDERS = ("/opt", "/usr/share", "/usr/local/share")


def find_provider_mirror() -> Path | None:
    """A folder with `registry.terraform.io/` in it: TERRAFORM_PROVIDER_MIRROR, or else one of the user's plugin folders, or
    else what an administrator has unpacked into a folder below the usual shared ones."""
    if configured := os.environ.get("TERRAFORM_PROVIDER_MIRROR"):
        return Path(configured)
    providers = [Path(folder).expanduser() / "registry.terraform.io" for folder in PLUGIN_FOLDERS]
    for folder in SHARED_FOLDERS:
        providers += sorted(Path(folder).glob("*/registry.terraform.io"))
    return next((found.parent for found in providers if found.is_dir()), None)
