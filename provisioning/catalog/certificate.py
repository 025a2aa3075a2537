"""What was proved of a resource type's templates, and when: `certificate.json` in its folder, written by `manage.py certify`.

A certificate is for code, not for words: it lists the digest of each rendering's `.tf` files. A rendering is certified exactly
when its own digest is among them; the values in `terraform.tfvars.json` and the state's key make no difference.
"""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import date
from functools import lru_cache
from pathlib import Path
from typing import Any

from provisioning.errors import CatalogError

FILE = "certificate.json"
NOT_CODE = {"backend.tf", "terraform.tfvars.json"}


@dataclass(frozen=True, slots=True)
class Step:
    """One proof. `passed` None means that it was not made; `detail` then says why, in a sentence."""

    name: str
    passed: bool | None
    detail: str


@dataclass(frozen=True, slots=True)
class Certificate:
    """`versions` are those of the tools; `opt_outs` the checkov rules that do not hold, each with its reason."""

    type: str
    template_digest: str
    made: date
    versions: Mapping[str, str]
    variants: int
    unreachable: int
    steps: tuple[Step, ...]
    opt_outs: Mapping[str, str]
    code: tuple[str, ...]

    def covers(self, files: Mapping[str, str]) -> bool:
        return code_digest(files) in self.code


def code_digest(files: Mapping[str, str]) -> str:
    total = hashlib.sha256()
    for name in sorted(files.keys() - NOT_CODE):
        total.update(f"{name}\0{files[name]}\0".encode())
    return total.hexdigest()[:16]


def read(folder: Path) -> Certificate | None:
    """None where the folder has none. Raises `CatalogError` when it is not one."""
    path = folder / FILE
    return _read(path, path.stat().st_mtime_ns) if path.is_file() else None


@lru_cache(maxsize=256)
def _read(path: Path, _modified: int) -> Certificate:
    try:
        content: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
        steps = tuple(Step(**step) for step in content.pop("steps"))
        made, code = date.fromisoformat(content.pop("made")), tuple(content.pop("code"))
        return Certificate(**content, steps=steps, made=made, code=code)
    except (ValueError, TypeError, KeyError) as error:
        raise CatalogError(
            f"{path}: this is no certificate: {error}. Write it again with manage.py certify."
        ) from error


def write(folder: Path, certificate: Certificate) -> None:
    content = {**asdict(certificate), "made": certificate.made.isoformat()}
    (folder / FILE).write_text(
        json.dumps(content, indent=2, ensure_ascii=False) + "\n", encoding="utf-8"
    )
