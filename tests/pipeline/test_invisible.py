"""Every place that meets text of strangers knows the same hidden characters."""

import unicodedata

import pytest

from provisioning.catalog.values import check_visible
from provisioning.domain.invisible import hidden_kind
from provisioning.errors import InvalidInputError
from provisioning.pipeline.check import unclear
from provisioning.pipeline.markdown import visible

# One of each kind: control, zero width, right-to-left override, half a pair, private, unassigned, line, paragraph.
HIDDEN = ["\x1b", "\u200b", "\u202e", "\ud800", "\ue000", "\u0378", "\u2028", "\u2029"]


@pytest.mark.parametrize("character", HIDDEN, ids=lambda character: f"U+{ord(character):04X}")
def test_a_hidden_character_passes_nowhere(character: str) -> None:
    assert hidden_kind(character)
    with pytest.raises(InvalidInputError, match=f"U\\+{ord(character):04X}"):
        check_visible("name", "The name", f"a{character}b")
    assert f"U+{ord(character):04X}" in unclear(f"a{character}b")
    assert visible(f"a{character}b") == "a\ufffdb"


@pytest.mark.parametrize("character", ["a", "é", "中", "🚀", " ", "\ufffd"])
def test_what_a_reader_sees_is_not_hidden(character: str) -> None:
    assert not hidden_kind(character)
    assert not unclear(unicodedata.normalize("NFC", character))
