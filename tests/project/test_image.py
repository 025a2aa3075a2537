"""What is in the container image, as far as it can be told without building one."""

import ast
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
LEFT_OUT = {line for line in (ROOT / ".dockerignore").read_text().splitlines() if "/" in line}


def imports_certify(path: Path) -> bool:
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.ImportFrom) and (node.module or "").startswith(
            "provisioning.certify"
        ):
            return True
        if isinstance(node, ast.Import) and any(
            "provisioning.certify" in one.name for one in node.names
        ):
            return True
    return False


def test_what_needs_the_tools_of_catalog_authors_is_left_out_with_them() -> None:
    users = {
        str(path.relative_to(ROOT))
        for package in ("provisioning", "infrallm_portal")
        for path in (ROOT / package).rglob("*.py")
        if "certify" not in path.parent.parts and imports_certify(path)
    }

    assert "provisioning/certify" in LEFT_OUT
    assert users <= LEFT_OUT
