"""What Terraform makes of text: the program itself is asked, without any provider."""

import base64
import json
import subprocess
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from provisioning.hcl.literals import literal
from provisioning.hcl.reader import parse
from provisioning.hcl.tree import Attribute
from provisioning.pipeline.check import unclear
from tests.support.hostile import FRAGMENTS, values

pytestmark = pytest.mark.terraform
many = settings(max_examples=5, derandomize=True)
OUTPUT = 'output "out" {\n  value = { for key, value in var.all : key => base64encode(value) }\n}\n'
VARIABLE = 'variable "all" {\n  type = map(string)\n}\n'


@many
@given(texts=st.lists(values, min_size=150, max_size=200))
def test_a_value_that_is_called_clear_reaches_terraform_unchanged(
    tmp_path_factory: pytest.TempPathFactory, texts: list[str]
) -> None:
    clear = [text for text in [*FRAGMENTS, *texts] if not unclear(text)]
    assert clear
    folder = tmp_path_factory.mktemp("values")
    (folder / "main.tf").write_text(VARIABLE + OUTPUT, encoding="utf-8")
    named = {str(number): text for number, text in enumerate(clear)}
    (folder / "terraform.tfvars.json").write_text(
        json.dumps({"all": named}, ensure_ascii=False), encoding="utf-8"
    )
    assert applied(folder) == named


@many
@given(texts=st.lists(values, min_size=150, max_size=200))
def test_a_literal_in_code_reaches_terraform_unchanged(
    tmp_path_factory: pytest.TempPathFactory, texts: list[str]
) -> None:
    clear = [text[:500] for text in [*FRAGMENTS, *texts] if not unclear(text)]
    folder = tmp_path_factory.mktemp("literals")
    named = {str(number): text for number, text in enumerate(clear)}
    pairs = "".join(f"    {literal(key)} = {literal(text)}\n" for key, text in named.items())
    code = f"locals {{\n  all = {{\n{pairs}  }}\n}}\n" + OUTPUT.replace("var.all", "local.all")
    (folder / "main.tf").write_text(code, encoding="utf-8")
    assert applied(folder) == named


@pytest.mark.parametrize("text", ["e\u0301", "\u1100\u1161", "\u212a"])
def test_what_terraform_changes_silently_is_not_called_clear(tmp_path: Path, text: str) -> None:
    (tmp_path / "main.tf").write_text(VARIABLE + OUTPUT, encoding="utf-8")
    (tmp_path / "terraform.tfvars.json").write_text(
        json.dumps({"all": {"x": text}}), encoding="utf-8"
    )
    assert applied(tmp_path) != {"x": text}
    assert "NFC" in unclear(text)


@pytest.mark.parametrize(
    ("written", "evaluated"),
    [('"$$${a}"', "$${a}"), ('"$$$${a}"', "$$${a}"), ('"%$${a}"', "%${a}"), ('"%%%{a}"', "%%{a}"), ('"$%%{a}"', "$%{a}"),
     ('"%%${1 + 1}"', "%%2"), ('"$%{ if true }x%{ endif }"', "$x"), ('"%${1 + 1}"', "%2")],
)  # fmt: skip
def test_terraform_and_the_skeleton_agree_on_where_an_interpolation_begins(
    tmp_path: Path, written: str, evaluated: str
) -> None:
    (tmp_path / "main.tf").write_text(
        f'output "out" {{\n  value = {{ x = base64encode({written}) }}\n}}\n', encoding="utf-8"
    )
    assert applied(tmp_path) == {"x": evaluated}
    [attribute] = parse(f"x = {written}\n").body
    assert isinstance(attribute, Attribute)
    stays_literal = len(attribute.expression) == 1
    assert stays_literal == ("+" not in written and "if" not in written)


def applied(folder: Path) -> dict[str, str]:
    environment = {
        "PATH": "/usr/local/bin:/usr/bin:/bin",
        "HOME": str(folder),
        "CHECKPOINT_DISABLE": "1",
    }
    command = ["terraform", "apply", "-auto-approve", "-input=false", "-no-color"]
    done = subprocess.run(
        command, cwd=folder, env=environment, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr[-2000:]
    state: Any = json.loads((folder / "terraform.tfstate").read_text(encoding="utf-8"))
    return {
        key: base64.b64decode(value).decode()
        for key, value in state["outputs"]["out"]["value"].items()
    }
