"""Settings → the catalog and the adapters. The one place that knows which implementation runs.

Adapters are imported where they are chosen: `anthropic` alone costs a second, which pages need not pay.
"""

import shutil
from datetime import timedelta
from functools import cache
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from django.conf import settings

from infrallm_portal.configuration import Configuration
from infrallm_portal.provider_mirror import find_provider_mirror
from provisioning.catalog import Catalog, load_catalog
from provisioning.pipeline.publish import Publishing
from provisioning.pipeline.sentence import Sentences
from provisioning.ports import PullRequestReader, PullRequests, RequestParser, TerraformChecker

# No repository of a server can be called so, for those have slashes.
EMBEDDED_HOST = "embedded"
# A person waits for it; a request itself may wait for longer.
PREVIEW_READING_SECONDS = 15.0

if TYPE_CHECKING:
    from github import Auth

    from provisioning.adapters.claude import Claude
    from provisioning.adapters.github import GitHub
    from provisioning.adapters.local_git import LocalGit


def portal() -> Configuration:
    environment: Configuration = settings.PORTAL
    return environment


def lease() -> timedelta:
    return timedelta(seconds=portal().request_lease_seconds)


@cache
def catalog() -> Catalog:
    """Raises `CatalogError` where a folder or DEFAULT_ENVIRONMENT does not fit."""
    loaded = load_catalog(portal().catalog_paths, portal().certificate_public_keys)
    chosen = portal().default_environment
    return loaded.with_default_environment(chosen) if chosen else loaded


@cache
def parser() -> RequestParser:
    return _with_fallback(_claude() or _rules())


@cache
def preview_parser() -> RequestParser:
    """The same, for a person who waits: a preview reads twice at most."""
    from provisioning.adapters.in_time import InTime

    claude = _claude()
    return _with_fallback(InTime(claude, PREVIEW_READING_SECONDS)) if claude else _rules()


def _with_fallback(chosen: RequestParser) -> RequestParser:
    from provisioning.adapters.fallback import WithFallback

    is_wanted = portal().parser_fallback and chosen is not _rules()
    # In the place of itself it would read a second time what it could not read.
    return WithFallback(chosen, _rules()) if is_wanted else chosen


@cache
def _claude() -> "Claude | None":
    """None where the embedded parser reads."""
    chosen = portal()
    if chosen.anthropic_api_key is None or chosen.parser == "rules":
        return None
    from provisioning.adapters.claude import Claude

    return Claude(
        chosen.anthropic_api_key.get_secret_value(),
        base_url=chosen.anthropic_base_url,
        model=chosen.anthropic_model,
        effort=chosen.anthropic_effort,
        timeout=chosen.anthropic_timeout_seconds,
        cache_ttl=chosen.anthropic_cache_ttl,
        input_price=chosen.anthropic_input_price,
        output_price=chosen.anthropic_output_price,
    )


@cache
def _rules() -> RequestParser:
    from provisioning.adapters.rules import Rules

    return Rules(catalog())


@cache
def sentences() -> Sentences:
    """Reads its own sentences with the embedded parser, whoever reads the requests."""
    return Sentences(catalog(), _rules())


@cache
def checker() -> TerraformChecker:
    """What a request must pass before its pull request is opened: a real plan where a terraform program is configured or on
    PATH, else the check in process."""
    chosen = portal()
    found = shutil.which("terraform")
    if chosen.terraform_binary == "off" or not (chosen.terraform_binary or found):
        return preview_checker()
    from provisioning.adapters.terraform import Terraform
    from provisioning.adapters.terraform_found import FoundTerraform

    work, mirror = chosen.data_dir / "terraform", chosen.terraform_provider_mirror
    if chosen.terraform_binary:
        return Terraform(chosen.terraform_binary, work, mirror)
    return FoundTerraform(Terraform(found or "", work, mirror or find_provider_mirror()))


@cache
def preview_checker() -> TerraformChecker:
    """In process: a person waits for the answer."""
    from provisioning.adapters.hcl_check import HclCheck

    return HclCheck()


@cache
def pull_requests() -> PullRequests:
    return _host()


def pull_request_reader() -> PullRequestReader:
    """The same host, asked what became of a pull request."""
    return _host()


@cache
def _host() -> "GitHub | LocalGit":
    chosen = portal()
    if not chosen.github_repo:
        return local_repository()
    from provisioning.adapters.github import GitHub

    repository = f"{chosen.github_org}/{chosen.github_repo}"
    return GitHub(
        _github_auth(chosen), repository, chosen.github_api_url, chosen.github_base_branch or None
    )


@cache
def local_repository() -> "LocalGit":
    """The embedded repository, also for its review pages."""
    from provisioning.adapters.local_git import LocalGit

    return LocalGit(portal().data_dir / "infrastructure.git", f"{public_url()}/pulls")


def repository() -> str:
    """Where pull requests go: a number names one of them only within it."""
    chosen = portal()
    # Another server counts its pull requests for itself.
    host = urlsplit(chosen.github_api_url).netloc
    return (
        f"{host}/{chosen.github_org}/{chosen.github_repo}".lower()
        if chosen.github_repo
        else EMBEDDED_HOST
    )


def public_url() -> str:
    chosen = portal()
    return chosen.public_url or f"http://{chosen.host}:{chosen.port}"


def publishing() -> Publishing:
    """What the settings say about every pull request."""
    chosen = portal()
    return Publishing(
        public_url=public_url(),
        labels=chosen.github_labels,
        reviewers=chosen.github_reviewers,
        team_reviewers=chosen.github_team_reviewers,
        draft=chosen.github_draft,
        sign_off=chosen.github_sign_off,
    )


def _github_auth(chosen: Configuration) -> "Auth.Auth":
    from github import Auth

    from provisioning.adapters.github.client import app_installation

    if chosen.github_app_private_key is not None:
        key = chosen.github_app_private_key.get_secret_value()
        return app_installation(chosen.github_app_id, key, int(chosen.github_app_installation_id))
    return Auth.Token(chosen.github_token.get_secret_value() if chosen.github_token else "")
