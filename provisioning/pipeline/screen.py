"""The first look at a request's text, before it is stored or sent anywhere."""

import re
import unicodedata

from provisioning.catalog.values import inert
from provisioning.errors import CredentialInText, InvalidInput

MAX_CHARACTERS = 4000

# Shapes that the issuers publish or that secret scanners agree on (https://github.com/gitleaks/gitleaks, config/gitleaks.toml).
_CREDENTIALS = {
    "a private key": r"-----BEGIN [A-Z ]*PRIVATE KEY",
    "an AWS access key": r"\b(?:AKIA|ASIA)[0-9A-Z]{16}\b",
    "a GitHub token": r"\b(?:gh[pousr]_[A-Za-z0-9]{36,}|github_pat_[A-Za-z0-9_]{22,})",
    "an Anthropic key": r"\bsk-ant-[A-Za-z0-9_-]{20,}",
    "an API key": r"\bsk-[A-Za-z0-9_-]{32,}",
    "a Slack token": r"\bxox[abposr]-[A-Za-z0-9-]{10,}",
    "a Google API key": r"\bAIza[0-9A-Za-z_-]{35}\b",
    "a Stripe key": r"\b[rs]k_live_[0-9A-Za-z]{20,}",
    "a JSON Web Token": r"\beyJ[A-Za-z0-9_-]{10,}\.eyJ[A-Za-z0-9_-]{10,}\.[A-Za-z0-9_-]{10,}",
    "a URL with a password": r"\b[a-z][a-z0-9+.-]*://[^\s:/@]+:[^\s:/@]{3,}@",
    "a password": r"(?i)\b(?:password|passwd|passwort|pwd|contraseña|mot de passe|senha)\s*(?:is|ist|es|est|é)?\s*[:=]\s*\S{4,}",
    "a password in words": r"(?i)\bpassword\s+(?:is|should be|must be)\s+(?=\S*[\d!@#$%^&*])\S{6,}",
    "a secret key": r"(?i)\b(?:secret|api|access|auth)[_ -]?(?:key|token)\s*(?:is)?\s*[:=]\s*['\"]?[A-Za-z0-9/+_-]{16,}",
}
_COMPILED = {kind: re.compile(pattern) for kind, pattern in _CREDENTIALS.items()}


def screen(text: str) -> str:
    """The text as it will be stored: trimmed, composed (NFC), without invisible formatting characters. Raises `InvalidInput`
    for an empty or long text and for control characters, `CredentialInText` for something like a secret."""
    for character in text:
        if unicodedata.category(character) in {"Cc", "Cs"} and character not in "\n\r\t":
            raise InvalidInput("request", f"The text holds the control character U+{ord(character):04X}. Leave it out.")
    clean = "".join(character for character in text if unicodedata.category(character) != "Cf")
    clean = unicodedata.normalize("NFC", clean.replace("\r\n", "\n").replace("\r", "\n")).strip()
    if not clean:
        raise InvalidInput("request", "Say in one sentence what you need.")
    if len(clean) > MAX_CHARACTERS:
        raise InvalidInput(
            "request", f"The text has {len(clean)} characters; {MAX_CHARACTERS} are allowed. Shorten it."
        )
    _refuse_credentials(clean)
    return clean


def _refuse_credentials(text: str) -> None:
    for kind, pattern in _COMPILED.items():
        if pattern.search(text):
            raise CredentialInText(
                "request",
                f"The text seems to hold {kind}. Nothing was stored. Take it out, and replace the credential if it was real.",
            )


def screen_field(name: str, value: str, limit: int) -> str:
    """A short field (requester, team, service): one line of visible characters, composed (NFC)."""
    clean = unicodedata.normalize("NFC", value).strip()
    inert(name, name, clean)
    if len(clean) > limit:
        raise InvalidInput(name, f"{name} has {len(clean)} characters; {limit} are allowed.")
    return clean
