"""The first look at a request's text, before it is stored or sent anywhere."""

import re
import unicodedata

from provisioning.catalog.values import check_visible
from provisioning.domain.invisible import hidden_kind
from provisioning.domain.legible import REPLACEMENT
from provisioning.errors import CredentialInTextError, InvalidInputError
from provisioning.pipeline.credentials import credential

MAX_CHARACTERS = 4000
_LINE_END = re.compile("\r\n|[\r\u2028\u2029]")


def screen(text: str) -> str:
    """The text as it will be stored: trimmed, composed (NFC), with one kind of line end, without invisible formatting.

    Raises `InvalidInputError` for an empty or long text and for control characters, `CredentialInTextError` for
    something like a secret."""
    for character in text:
        if hidden_kind(character) in {"control", "half"} and character not in "\n\r\t":
            raise InvalidInputError(
                "request",
                f"The text holds the control character U+{ord(character):04X}. Leave it out.",
            )
    _refuse_unreadable("request", text)
    seen = "".join(character for character in text if hidden_kind(character) != "invisible")
    clean = unicodedata.normalize("NFC", _LINE_END.sub("\n", seen)).strip()
    if not clean:
        raise InvalidInputError("request", "Say in one sentence what you need.")
    # Counted once composed, since an accent may come as a character of its own.
    if len(clean) > MAX_CHARACTERS:
        raise InvalidInputError(
            "request",
            f"The text has {len(clean)} characters; {MAX_CHARACTERS} are allowed. Shorten it.",
        )
    # Only now: an invisible character in the middle would hide a key.
    _refuse_credentials("request", clean)
    return clean


def _refuse_unreadable(name: str, text: str) -> None:
    if REPLACEMENT in text:
        raise InvalidInputError(
            name,
            "A character of it could not be read (U+FFFD). Leave it out, or write it as UTF-8.",
        )


def _refuse_credentials(name: str, text: str) -> None:
    kind = credential(text)
    if kind:
        raise CredentialInTextError(
            name,
            f"The text seems to hold {kind}. Nothing was stored. Take it out, and replace the credential if it was real.",
        )


def screen_field(name: str, value: str, limit: int) -> str:
    """A short field (requester, team, service): one line of visible characters, composed (NFC), and no secret."""
    clean = unicodedata.normalize("NFC", value).strip()
    check_visible(name, name, clean)
    _refuse_unreadable(name, clean)
    if len(clean) > limit:
        raise InvalidInputError(name, f"{name} has {len(clean)} characters; {limit} are allowed.")
    _refuse_credentials(name, clean)
    return clean


def screen_value(name: str, value: str) -> str:
    """A value that somebody sets, of one line or a script of many: composed (NFC), no control characters and no secret."""
    clean = unicodedata.normalize("NFC", _LINE_END.sub("\n", value)).strip()
    # Scripts are indented with tabs, too, which are not visible characters.
    # Line by line: line ends and tabs are allowed in a script, and in nothing else.
    for line in clean.replace("\t", " ").split("\n"):
        check_visible(name, name, line)
    _refuse_unreadable(name, clean)
    _refuse_credentials(name, clean)
    return clean
