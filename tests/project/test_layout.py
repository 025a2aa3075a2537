"""Templates as people read them."""

from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]

LONGEST = 200  # characters; a longer line cannot be reviewed in a diff


def test_an_element_has_a_line_of_its_own() -> None:
    templates = sorted((ROOT / "provisioning/templates").rglob("*.html"))
    too_long = [
        f"{path.relative_to(ROOT)}:{number}"
        for path in templates
        for number, line in enumerate(path.read_text().splitlines(), 1)
        if len(line) > LONGEST
    ]

    assert templates
    assert not too_long
