"""docs/api.md says what the code does."""

from tests.project.api_tables import DOCUMENT, TABLES, section


def test_the_tables_are_those_of_the_code() -> None:
    document = DOCUMENT.read_text()
    for name in TABLES:
        assert section(name) in document, "python -m tests.project.api_tables --write"
