"""The lock file and its exports for pip say the same, and name public hosts only."""

import re
import tomllib
from pathlib import Path

import pytest

from infrallm_portal import PROJECT, __version__

LOCK = tomllib.loads((PROJECT / "uv.lock").read_text())
LOCKED = {package["name"]: package for package in LOCK["package"]}
DECLARED = tomllib.loads((PROJECT / "pyproject.toml").read_text())
EXPORTS = {
    name: (PROJECT / "deploy" / f"{name}.txt").read_text()
    for name in ("requirements", "requirements-embedded", "requirements-dev")
}


def pins(text: str) -> dict[str, tuple[str, set[str]]]:
    found = re.findall(r"^([a-z0-9-]+)==(\S+)(.*?)(?=^[a-z]|\Z)", text, re.MULTILINE | re.DOTALL)
    return {
        name: (version, set(re.findall(r"sha256:[0-9a-f]{64}", rest)))
        for name, version, rest in found
    }


def names(requirements: list[str]) -> set[str]:
    return {re.split(r"[^A-Za-z0-9-]", requirement)[0].lower() for requirement in requirements}


def reachable(roots: set[str]) -> set[str]:
    """The roots and all that they need, on any platform."""
    found: set[str] = set()
    waiting = set(roots)
    while waiting:
        package = LOCKED[waiting.pop()]
        found.add(package["name"])
        wanted = list(package.get("dependencies", []))
        for extras in package.get("optional-dependencies", {}).values():
            wanted += extras
        waiting |= {one["name"] for one in wanted} - found
    return found


@pytest.mark.parametrize("export", EXPORTS)
def test_an_export_pins_what_the_lock_file_pins(export: str) -> None:
    for name, (version, hashes) in pins(EXPORTS[export]).items():
        package = LOCKED[name]
        files = [*package.get("wheels", []), *([package["sdist"]] if "sdist" in package else [])]
        assert version == package["version"]
        assert hashes == {file["hash"] for file in files}


def test_the_exports_hold_what_is_declared_and_nothing_else() -> None:
    groups = DECLARED["dependency-groups"]
    runtime = names(DECLARED["project"]["dependencies"])
    every = runtime | names(groups["embedded"]) | names(groups["dev"])
    for export, wanted in {
        "requirements": runtime,
        "requirements-embedded": names(groups["embedded"]),
    }.items():
        pinned = set(pins(EXPORTS[export]))
        assert wanted <= pinned <= reachable(wanted)
    assert every <= set(pins(EXPORTS["requirements-dev"])) == set(LOCKED) - {"infrallm-portal"}


def test_every_dependency_has_its_reason() -> None:
    text = (PROJECT / "pyproject.toml").read_text()
    groups = DECLARED["dependency-groups"]
    declared = [*DECLARED["project"]["dependencies"], *groups["embedded"], *groups["dev"]]
    for requirement in declared:
        assert re.search(rf'^  "{re.escape(requirement)}", +# \S', text, re.MULTILINE), requirement


@pytest.mark.parametrize(
    "file", ["uv.lock", "tests/js/package-lock.json", *(f"deploy/{name}.txt" for name in EXPORTS)]
)
def test_only_public_hosts_are_named(file: str) -> None:
    hosts = set(re.findall(r"https?://([^/\"\s]+)", Path(PROJECT / file).read_text()))
    assert hosts <= {"pypi.org", "files.pythonhosted.org", "registry.npmjs.org", "github.com"}


def test_the_version_is_said_once() -> None:
    assert DECLARED["project"]["version"] == LOCKED["infrallm-portal"]["version"] == __version__
