"""The examples of all types are scanned in one tree, and a finding there fails."""

import json
import stat
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

from provisioning.certify import together
from tests.support.built_in import CATALOG

FAILED = {
    "check_id": "CKV_AWS_1",
    "check_name": "Name",
    "resource": "aws_x.y",
    "file_path": "/m0/main.tf",
}


def scanner(folder: Path, failed: list[dict[str, str]]) -> str:
    report = {
        "results": {"failed_checks": failed},
        "summary": {"passed": 7, "parsing_errors": 0, "checkov_version": "3.3.30"},
    }
    program = folder / "checkov"
    program.write_text(f"#!/bin/sh\ncat <<'E'\n{json.dumps(report)}\nE\n")
    program.chmod(program.stat().st_mode | stat.S_IEXEC)
    return str(program)


def test_every_type_is_in_the_tree_with_its_defaults_and_examples() -> None:
    found = list(together.examples(CATALOG))
    shown = sum(len(one.file.examples) for one in CATALOG.types.values())

    assert {one.type for one in found} == set(CATALOG.types)
    assert len(found) == shown + len(CATALOG.types) * len(CATALOG.environments)


def test_a_scan_without_findings_passes(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    call_command("certify", "--together", "--checkov", scanner(tmp_path, []))

    assert "7 checks passed, none failed" in capsys.readouterr().out


def test_a_finding_fails_and_is_named(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(CommandError, match="1 checks failed, 7 passed"):
        call_command("certify", "--together", "--checkov", scanner(tmp_path, [FAILED]))

    assert "FAILED CKV_AWS_1 aws_x.y in" in capsys.readouterr().out


def test_without_a_scanner_nothing_is_said_to_have_passed() -> None:
    with pytest.raises(CommandError, match="name the program with --checkov"):
        call_command("certify", "--together", "--checkov", "")
