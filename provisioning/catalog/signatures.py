"""Who vouches for a certificate: Ed25519 signatures (RFC 8032, https://www.rfc-editor.org/rfc/rfc8032) over its whole content.

A public key is a PEM file. Its name is the beginning of the SHA-256 of its 32 bytes, so that nobody chooses it.
"""

import base64
import binascii
import hashlib
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from provisioning.errors import CatalogError

BUILT_IN_KEYS = Path(__file__).parent / "trusted_keys"
# Of hexadecimal digits: 64 bits, which nobody makes a second key for by trying.
NAME_LENGTH = 16

Keys = Mapping[str, Ed25519PublicKey]


@dataclass(frozen=True, slots=True)
class Signature:
    """`key` is the name of the public key that `value`, in base64, holds under."""

    key: str
    value: str


def public_keys(files: Iterable[Path]) -> Keys:
    """The portal's own and those of `files`. Raises `CatalogError` for a file that is no public key."""
    return {
        name_of(key): key for key in map(_public_key, [*sorted(BUILT_IN_KEYS.iterdir()), *files])
    }


def signed(content: Mapping[str, Any], key: Ed25519PrivateKey) -> Signature:
    value = base64.b64encode(key.sign(_canonical(content))).decode()
    return Signature(name_of(key.public_key()), value)


def doubt(content: Mapping[str, Any], signature: Signature | None, keys: Keys) -> str:
    """Why nobody who is trusted vouches for this content, or ""."""
    if signature is None:
        return "it is not signed"
    if signature.key not in keys:
        return f"it is signed with a key that is not trusted here ({signature.key})"
    try:
        value = base64.b64decode(signature.value, validate=True)
        keys[signature.key].verify(value, _canonical(content))
    except (InvalidSignature, binascii.Error):
        return "its content is not what was signed"
    return ""


def private_key(file: Path) -> Ed25519PrivateKey:
    """Raises `CatalogError` for a file that is no unencrypted Ed25519 key."""
    try:
        key = serialization.load_pem_private_key(file.read_bytes(), password=None)
    except (OSError, ValueError, TypeError, UnsupportedAlgorithm) as error:
        raise CatalogError(f"{file}: cannot be read as a private key: {error}") from error
    if not isinstance(key, Ed25519PrivateKey):
        raise CatalogError(
            f"{file}: not an Ed25519 key; make one with manage.py certify --new-key."
        )
    return key


def new_key(folder: Path) -> tuple[Path, Path]:
    """A private and a public file, which say by their names which is which. Raises `CatalogError` where one stands already."""
    key = Ed25519PrivateKey.generate()
    name = name_of(key.public_key())
    private, public = (
        folder / f"certificates-{name}.private.pem",
        folder / f"certificates-{name}.pem",
    )
    try:
        folder.mkdir(parents=True, exist_ok=True)
        # Made empty and private first: there is no moment at which others could read the key.
        private.touch(mode=0o600, exist_ok=False)
    except OSError as error:
        raise CatalogError(f"{folder}: no key can be written there: {error}") from error
    private.write_bytes(
        key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
    )
    public.write_bytes(
        key.public_key().public_bytes(
            serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo
        )
    )
    return private, public


def name_of(key: Ed25519PublicKey) -> str:
    return hashlib.sha256(key.public_bytes_raw()).hexdigest()[:NAME_LENGTH]


def _public_key(file: Path) -> Ed25519PublicKey:
    try:
        key = serialization.load_pem_public_key(file.read_bytes())
    except (OSError, ValueError, UnsupportedAlgorithm) as error:
        raise CatalogError(f"{file}: cannot be read as a public key: {error}") from error
    if not isinstance(key, Ed25519PublicKey):
        raise CatalogError(f"{file}: not an Ed25519 key.")
    return key


def _canonical(content: Mapping[str, Any]) -> bytes:
    """The same bytes however the file was laid out."""
    return json.dumps(content, sort_keys=True, separators=(",", ":"), ensure_ascii=True).encode()
