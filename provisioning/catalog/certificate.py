"""What was proved of a resource type's templates, and when: `certificate.json` in its folder, written by `manage.py certify`.

A certificate is for code, not for words: it lists the digest of each rendering's `.tf` files. A rendering is certified exactly
when its own digest is among them, somebody who is trusted has signed the certificate, and it is not stale. The values in
`terraform.tfvars.json`, the state's key and `variables.tf`, which is made of the parameters, make no difference.
"""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import date
from functools import lru_cache
from pathlib import Path
from typing import Any

from provisioning.catalog import signatures
from provisioning.catalog.inputs import changed, inputs
from provisioning.catalog.signatures import Signature
from provisioning.catalog.types import Catalog, ResourceType
from provisioning.errors import CatalogError

FILE = "certificate.json"
# They hold values and bounds, which differ from request to request or are the platform's own.
NOT_CODE = {"backend.tf", "terraform.tfvars.json", "variables.tf"}


@dataclass(frozen=True, slots=True)
class Step:
    """One proof. `passed` None means that it was not made; `detail` then says why, in a sentence."""

    name: str
    passed: bool | None
    detail: str


@dataclass(frozen=True, slots=True)
class Certificate:
    """`versions` are those of the tools, `inputs` what else it stands on; `opt_outs` are the checkov rules that do not hold, each
    with its reason."""

    type: str
    template_digest: str
    made: date
    versions: Mapping[str, str]
    inputs: Mapping[str, str]
    variants: int
    unreachable: int
    steps: tuple[Step, ...]
    opt_outs: Mapping[str, str]
    code: tuple[str, ...]
    signature: Signature | None = None

    def covers(self, files: Mapping[str, str]) -> bool:
        return code_digest(files) in self.code

    def content(self) -> dict[str, Any]:
        """What is signed: everything but the signature."""
        content = {**asdict(self), "made": self.made.isoformat()}
        del content["signature"]
        return content


def code_digest(files: Mapping[str, str]) -> str:
    total = hashlib.sha256()
    for name in sorted(files.keys() - NOT_CODE):
        total.update(f"{name}\0{files[name]}\0".encode())
    # 64 bits tell the variants of one type apart; a forger would have to sign the certificate anyway.
    return total.hexdigest()[:16]


def read(folder: Path) -> Certificate | None:
    """None where the folder has none. Raises `CatalogError` when it is not one."""
    path = folder / FILE
    return _read(path, path.stat().st_mtime_ns) if path.is_file() else None


def doubt(catalog: Catalog, resource_type: ResourceType, certificate: Certificate) -> str:
    """Why the certificate does not count for the type as it is, or ""."""
    if certificate.type != resource_type.name:
        return f"it is that of {certificate.type}"
    if any(step.passed is False for step in certificate.steps):
        return "a proof in it failed"
    return signatures.doubt(certificate.content(), certificate.signature, catalog.keys) or changed(
        certificate.inputs, inputs(catalog, resource_type)
    )


@lru_cache(maxsize=256)
def _read(path: Path, _modified: int) -> Certificate:
    try:
        content: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
        steps = tuple(Step(**step) for step in content.pop("steps"))
        made, code = date.fromisoformat(content.pop("made")), tuple(content.pop("code"))
        signature = content.pop("signature", None)
        content.setdefault("inputs", {})  # those of earlier versions have none, and no signature
        return Certificate(
            **content,
            steps=steps,
            made=made,
            code=code,
            signature=Signature(**signature) if signature else None,
        )
    except (ValueError, TypeError, KeyError) as error:
        raise CatalogError(
            f"{path}: this is no certificate: {error}. Write it again with manage.py certify."
        ) from error


def write(folder: Path, certificate: Certificate) -> None:
    content = certificate.content()
    if certificate.signature:
        content["signature"] = asdict(certificate.signature)
    (folder / FILE).write_text(
        json.dumps(content, indent=2, ensure_ascii=False) + "\n", encoding="utf-8"
    )
