"""A certificate counts because of who signed it: a hand-written, changed or stale one is refused in words."""

import base64
import json
import shutil
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command

from provisioning import wiring
from provisioning.catalog import BUILT_IN, Catalog, load_catalog, signatures
from provisioning.catalog.certificate import FILE, Certificate, code_digest, doubt, read, write
from provisioning.catalog.signatures import BUILT_IN_KEYS, new_key, private_key, signed
from provisioning.certify.variants import example_resource
from provisioning.errors import CatalogError
from provisioning.pipeline.certified import certified
from provisioning.pipeline.render import render
from tests.support.built_in import CATALOG

TYPE = CATALOG.types["ecr"]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A catalog of which one type may be changed."""
    (tmp_path / "catalog").mkdir()
    for name in ("_common", "ecr"):
        shutil.copytree(BUILT_IN / name, tmp_path / "catalog" / name)
    (tmp_path / "catalog/_common/prices.toml").unlink()  # which name other types
    return tmp_path / "catalog"


def genuine() -> Certificate:
    certificate = read(TYPE.folder)
    assert certificate
    return certificate


def said(catalog: Catalog) -> str:
    """What a request for the type is told of its certificate."""
    rendered = render(catalog, example_resource(catalog, catalog.types["ecr"], "dev", {}))
    check = certified(catalog, [rendered])
    assert (check.passed is None) == ("does not count" in check.detail)
    return check.detail


def tampered(folder: Path, **changes: Any) -> str:
    path = folder / "ecr" / FILE
    content = json.loads(path.read_text(encoding="utf-8"))
    path.write_text(json.dumps({**content, **changes}), encoding="utf-8")
    return said(load_catalog([folder]))


def test_the_certificates_that_are_committed_count_on_any_machine(folder: Path) -> None:
    assert "certified on" in said(load_catalog([folder]))


def test_no_private_key_lies_in_the_repository() -> None:
    for path in BUILT_IN_KEYS.iterdir():
        assert path.read_text(encoding="ascii").startswith("-----BEGIN PUBLIC KEY-----")


def test_a_certificate_that_nobody_signed_does_not_count(folder: Path) -> None:
    assert "because it is not signed" in tampered(folder, signature=None)


@pytest.mark.parametrize(
    "changes",
    [
        {"made": "2027-01-01"},
        {"steps": [{"name": "emulator", "passed": True, "detail": "Proved by hand."}]},
        {"opt_outs": {}},
        {"versions": {"terraform": "9.9"}},
    ],
)
def test_a_changed_certificate_does_not_count(folder: Path, changes: dict[str, Any]) -> None:
    assert "because its content is not what was signed" in tampered(folder, **changes)


def test_a_digest_written_in_by_hand_does_not_count(folder: Path) -> None:
    template = folder / "ecr/main.tf.j2"
    template.write_text(template.read_text() + "\n# A change that nobody proved.\n")
    changed = load_catalog([folder])
    rendered = render(changed, example_resource(changed, changed.types["ecr"], "dev", {}))
    assert "no certificate for this code" in said_plainly(changed, rendered)
    assert "not what was signed" in tampered(folder, code=[code_digest(rendered.files)])


def said_plainly(catalog: Catalog, rendered: Any) -> str:
    check = certified(catalog, [rendered])
    assert check.passed is None
    return check.detail


def test_a_forgers_own_key_is_not_trusted(folder: Path, tmp_path: Path) -> None:
    private, public = new_key(tmp_path / "keys")
    forged = replace(genuine(), made=genuine().made.replace(year=2027))
    write(folder / "ecr", replace(forged, signature=signed(forged.content(), private_key(private))))
    assert "a key that is not trusted here" in said(load_catalog([folder]))
    assert "certified on 2027" in said(load_catalog([folder], [public]))


def test_a_signature_that_is_no_signature_does_not_count() -> None:
    certificate = genuine()
    assert certificate.signature
    for value in ("", "no base64!", base64.b64encode(b"x" * 64).decode()):
        broken = replace(certificate, signature=replace(certificate.signature, value=value))
        assert doubt(CATALOG, TYPE, broken) == "its content is not what was signed"


def test_the_certificate_of_another_type_does_not_count() -> None:
    assert doubt(CATALOG, CATALOG.types["s3"], genuine()) == "it is that of ecr"


@pytest.mark.parametrize(
    ("file", "old", "new", "reason"),
    [
        ("_common/platform.toml", '"~> 5.100"', '"~> 6.0"', "asks for another provider (~> 6.0"),
        (
            "ecr/resource.toml",
            "minimum = 1\n",
            "minimum = 2\n",
            "what may be asked for has changed",
        ),
    ],
)
def test_a_stale_certificate_says_what_has_changed(
    folder: Path, file: str, old: str, new: str, reason: str
) -> None:
    path = folder / file
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new, 1), encoding="utf-8")
    catalog = load_catalog([folder])
    certificate = read(folder / "ecr")
    assert certificate
    assert reason in doubt(catalog, catalog.types["ecr"], certificate)


def test_values_of_a_platform_and_words_leave_a_certificate_as_it_is(folder: Path) -> None:
    platform = folder / "_common/platform.toml"
    text = platform.read_text(encoding="utf-8").replace("111122223333", "999999999999")
    platform.write_text(text.replace('title = "Region"', 'title = "Where"'), encoding="utf-8")
    toml = folder / "ecr/resource.toml"
    toml.write_text(toml.read_text().replace('title = "', 'title = "Our ', 1))
    assert "certified on" in said(load_catalog([folder]))


def test_a_new_key_is_readable_by_its_owner_only_and_replaces_none(tmp_path: Path) -> None:
    private, public = new_key(tmp_path / "keys")
    assert private.stat().st_mode & 0o077 == 0
    assert signatures.name_of(private_key(private).public_key()) in public.name
    with pytest.raises(CatalogError, match="cannot be read as a private key"):
        private_key(public)
    with pytest.raises(CatalogError, match="cannot be read as a public key"):
        load_catalog([BUILT_IN], [private])


def test_the_command_makes_a_key(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    call_command("certify", "--new-key", str(tmp_path))
    assert "keep it secret" in capsys.readouterr().out
    assert len(list(tmp_path.iterdir())) == 2


def test_a_check_refuses_a_forged_certificate(
    folder: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    tampered(folder, made="2027-01-01")
    monkeypatch.setattr(wiring, "catalog", lambda: load_catalog([folder]))
    monkeypatch.setenv("TERRAFORM_BINARY", "off")
    with pytest.raises(CommandError, match="No certificate for ecr"):
        call_command("certify", "ecr", "--check")
    assert "FAILED     certificate: its content is not what was signed" in capsys.readouterr().out
