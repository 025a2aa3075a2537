"""What every parser promises, held against both: the rules, and Claude through the real SDK and a local server."""

from collections.abc import Iterator
from dataclasses import dataclass

import pytest

from provisioning.adapters.claude import Claude
from provisioning.adapters.rules import Rules
from provisioning.domain import Reading, Submission
from provisioning.pipeline.understand import understand
from provisioning.ports import RequestParser
from tests.adapters.test_claude import ANSWER, REFUSAL, TEXT
from tests.support.built_in import CATALOG
from tests.support.claude_server import KEY, claude_server, says

pytestmark = pytest.mark.xdist_group("claude")  # the SDK takes a second to import

OFFERED = Submission(TEXT, "ana@example.com")
NOT_OFFERED = Submission("an Azure virtual machine for payments", "ana@example.com")


@dataclass
class Parsers:
    """One parser, asked for what is offered and for what is not."""

    offered: RequestParser
    not_offered: RequestParser


@pytest.fixture(params=["rules", "claude"])
def parsers(request: pytest.FixtureRequest) -> Iterator[Parsers]:
    if request.param == "rules":
        yield Parsers(Rules(), Rules())
        return
    with claude_server() as first, claude_server() as second:
        first.will(says(ANSWER))
        second.will(says(REFUSAL))
        asked = [Claude(KEY, base_url=server.url, timeout=5) for server in (first, second)]
        yield Parsers(*asked)
        for parser in asked:
            parser._client.close()


def quotes(reading: Reading) -> list[str]:
    found = []
    for resource in reading.resources:
        found += [resource.environment_quote, resource.count_quote]
        found += [value.quote for value in resource.parameters]
    return [quote for quote in found if quote]


def test_it_says_who_read(parsers: Parsers) -> None:
    assert parsers.offered.read(OFFERED, CATALOG).parser == parsers.offered.name


def test_what_is_offered_is_read_with_words_of_the_text(parsers: Parsers) -> None:
    reading = parsers.offered.read(OFFERED, CATALOG)

    assert reading.outcome == "ok"
    assert [resource.type for resource in reading.resources] == ["rds"]
    assert quotes(reading)
    assert all(quote in TEXT for quote in quotes(reading))


def test_a_reading_passes_the_check_that_trusts_no_parser(parsers: Parsers) -> None:
    [resource] = understand(parsers.offered, CATALOG, OFFERED).resources

    assert (resource.environment.value, resource.parameters["engine"].value) == ("prod", "postgres")


def test_what_is_not_offered_is_refused_with_a_reason(parsers: Parsers) -> None:
    reading = parsers.not_offered.read(NOT_OFFERED, CATALOG)

    assert (reading.outcome, reading.resources) == ("reject", ())
    assert reading.reason


def test_complaints_about_an_earlier_reading_are_taken(parsers: Parsers) -> None:
    again = parsers.offered.read(OFFERED, CATALOG, complaints=["multi_az is not in the text"])

    assert again.outcome in {"ok", "clarify"}


def test_health_is_a_state_and_never_raises(parsers: Parsers) -> None:
    assert parsers.offered.health().state in {"ok", "embedded"}
