"""What the documents say, held against the code."""

import re
import tomllib
from pathlib import Path

from provisioning import errors
from provisioning.models import Status

ROOT = Path(__file__).resolve().parents[2]
ARCHITECTURE = (ROOT / "docs/architecture.md").read_text()


def codes(kind: type[errors.PortalError] = errors.PortalError) -> set[str]:
    """Those of calls stand in docs/api.md."""
    own = {kind.code} if kind.__module__.startswith(f"{errors.__name__}.") else set()
    return own.union(*(codes(sub) for sub in kind.__subclasses__()))


def test_the_architecture_names_every_error_code_and_no_other() -> None:
    table = re.search(r"\| `error_code` \|.*?\n\n", ARCHITECTURE, re.S)
    assert table
    rows = re.findall(r"^\| (`[^|]+) \|", table[0], re.M)
    named = {code for row in rows for code in re.findall(r"`([a-z_]+)`", row)} - {"error_code"}
    assert named == codes() | {"internal_error"}


def test_the_drawing_has_every_state_and_no_other() -> None:
    drawing = re.search(r"stateDiagram-v2(.*?)```", ARCHITECTURE, re.S)
    assert drawing
    named = set(re.findall(r"^\s+([a-z_]+) -->|--> ([a-z_]+)", drawing[1], re.M))
    assert {name for pair in named for name in pair if name} == set(Status)


def test_every_module_that_the_architecture_names_is_there() -> None:
    for path in re.findall(
        r"`((?:provisioning|pipeline|adapters|tasks|wiring)[a-z_/]*\.py)`", ARCHITECTURE
    ):
        assert (ROOT / path).is_file() or (ROOT / "provisioning" / path).is_file(), path


def test_the_order_of_imports_is_the_one_that_is_checked() -> None:
    drawn = re.search(r"## Who may import whom\n\n```\n(.*?)```", ARCHITECTURE, re.S)
    assert drawn
    contracts = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["importlinter"][
        "contracts"
    ]
    assert drawn[1].strip().split("\n→ ") == contracts[0]["layers"]


def test_every_file_that_a_document_links_to_is_there() -> None:
    for document in [ROOT / "README.md", *(ROOT / "docs").glob("*.md")]:
        for target in re.findall(r"\]\(([^)#:]+)(?:#[^)]*)?\)", document.read_text()):
            assert (document.parent / target).exists(), f"{document.name}: {target}"


def test_the_settings_that_the_readme_names_are_settings() -> None:
    from infrallm_portal.configuration import NAMES

    rows = re.findall(
        r"^\| [^|]+ \| (`[A-Z_`, or()\w:]+.*) \|$", (ROOT / "README.md").read_text(), re.M
    )
    named = {name for row in rows for name in re.findall(r"`([A-Z_]+)`", row)}
    assert named
    assert named <= set(NAMES)


def test_the_api_document_lists_every_endpoint_and_no_other() -> None:
    from provisioning.api.root import api

    described = {path for path in api.get_openapi_schema()["paths"] if "webhooks" not in path}
    table = (ROOT / "docs/api.md").read_text().partition("Outside the demo")[0]
    named = {
        path.partition("?")[0] for path in re.findall(r"^\| `(?:GET|POST) ([^`]+)`", table, re.M)
    }
    assert named == described
