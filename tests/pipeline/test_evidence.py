"""Quoted words and the values that they can prove."""

import pytest

from provisioning.catalog.format import FieldSpec, Parameter
from provisioning.domain import ParameterValue
from provisioning.pipeline.evidence import Verdict, says_environment, weigh
from provisioning.pipeline.passage import passages
from tests.support.built_in import CATALOG

CPU = Parameter(
    title="Processor",
    type="integer",
    enum=[256, 1024],
    values={"256": ["0.25 vcpu"], "1024": ["1 vcpu"]},
)
PRIVATE = Parameter(
    title="Private",
    type="boolean",
    values={"true": ["private"], "false": ["public", "reachable from the internet"]},
)
TIMEOUT = Parameter(title="Timeout", type="integer", unit="seconds")
STORAGE = Parameter(title="Storage", type="integer", unit="GB")
NODES = Parameter(title="Nodes", type="integer")


def verdict(field: FieldSpec, value: ParameterValue, text: str, quote: str = "") -> Verdict:
    found = passages(CATALOG, text, quote or text)
    assert found, "the quote stands nowhere"
    return weigh(CATALOG, field, value, found)[0]


@pytest.mark.parametrize(
    ("value", "quote"), [(256, "0.25 vCPU"), (1024, "1 vcpu"), (256, "256 units"), (1024, "1024")]
)
def test_a_number_is_said_by_itself_or_by_a_spelling_of_the_catalog(
    value: ParameterValue, quote: str
) -> None:
    assert verdict(CPU, value, quote) == "said"


@pytest.mark.parametrize(
    ("value", "quote"), [(1024, "0.25 vCPU"), (256, "1 vcpu"), (256, "2 vcpu"), (1024, "512")]
)
def test_another_number_or_the_spelling_of_another_choice_is_not_believed(
    value: ParameterValue, quote: str
) -> None:
    assert verdict(CPU, value, quote) == "denied"


@pytest.mark.parametrize(
    "quote", ["not a public one", "must not be reachable from the internet", "private"]
)
def test_a_denial_turns_a_spelling_round(quote: str) -> None:
    assert verdict(PRIVATE, True, quote) == "said"


@pytest.mark.parametrize(
    "quote", ["public", "make it public", "a public one", "reachable from the internet"]
)
def test_the_opposite_is_not_believed(quote: str) -> None:
    assert verdict(PRIVATE, True, quote) == "denied"


@pytest.mark.parametrize(
    "text",
    ["it is not public", "never make it public", "no, not a public one", "without public access"],
)
def test_a_quote_cannot_leave_out_the_negation_before_it(text: str) -> None:
    assert verdict(PRIVATE, False, text, "public") == "denied"


@pytest.mark.parametrize("text", ["no NAT, public", "not cheap; make it public", "key_no public"])
def test_a_negation_of_something_else_denies_nothing(text: str) -> None:
    assert verdict(PRIVATE, False, text, "public") == "said"


def test_two_negations_are_none() -> None:
    snapshot = CATALOG.types["rds"].parameters["skip_final_snapshot"]
    assert verdict(snapshot, False, "don't skip the final snapshot", "final snapshot") == "said"


@pytest.mark.parametrize("quote", ["whatever", "survives the failure of a zone"])
def test_words_that_say_nothing_of_it_prove_nothing(quote: str) -> None:
    assert verdict(PRIVATE, True, quote) == "unsaid"
    assert verdict(TIMEOUT, 90, quote) == "unsaid"


@pytest.mark.parametrize(
    ("value", "quote"),
    [
        (90, "1 minute and a half"),
        (90, "minute and a half"),
        (9000, "2 and a half hours"),
        (60, "1 minute"),
        (60, "a minute"),
        (1800, "30 minuts"),
        (45, "45"),
        (45, "45s"),
        (45, "forty-five seconds"),
        (1800, "half an hour"),
        (7200, "zwei Stunden"),
    ],
)
def test_times_are_said_in_figures_words_and_units(value: int, quote: str) -> None:
    assert verdict(TIMEOUT, value, quote) == "said"


@pytest.mark.parametrize(
    ("value", "quote"),
    [
        (90, "1 minute"),
        (9000, "2 hours"),
        (100, "1 minute and a half"),
        (5, "5 minutes"),
        (5, "5 GB"),
    ],
)
def test_another_span_of_time_is_not_believed(value: int, quote: str) -> None:
    assert verdict(TIMEOUT, value, quote) == "denied"


@pytest.mark.parametrize(
    ("value", "quote"),
    [(200, "200 GB"), (200, "200gb"), (1229, "1.2 TB"), (1000, "1 TB"), (1024, "1 TB"),
     (1000, "1,000 GB"), (1200, "1.200 GB"), (512, "half a terabyte"), (100, "hundred gigs")],
)  # fmt: skip
def test_sizes_are_said_as_people_write_them(value: int, quote: str) -> None:
    assert verdict(STORAGE, value, quote) == "said"


def test_a_figure_that_is_quoted_without_its_unit_is_read_with_it() -> None:
    assert verdict(STORAGE, 200, "with 200 MB of disk", "200") == "denied"
    assert verdict(STORAGE, 200, "with 200 GB of disk", "200") == "said"


def test_the_letter_of_a_machine_type_is_no_unit() -> None:
    assert verdict(NODES, 2, "two t3.medium nodes") == "said"
    assert verdict(NODES, 2, "2 to 8 nodes") == "said"


def test_none_of_something_is_zero() -> None:
    assert verdict(NODES, 0, "no nodes") == "said"


TEXT = """\
**Production** “Postgres” database —
| storage | 200 GB |
for the `payments` API… it must survive
the loss of a zone"""


@pytest.mark.parametrize(
    "quote",
    ["production \"Postgres\" database", "Production Postgres database - storage", "storage: 200 GB",
     "storage 200GB", "payments API", "survive the loss of a zone", "Production … 200 GB",
     "Postgres database ... payments", "prodution Postgres databse"],
)  # fmt: skip
def test_a_quote_stands_however_it_was_written_down(quote: str) -> None:
    assert passages(CATALOG, TEXT, quote)


@pytest.mark.parametrize(
    "quote",
    ["", "…", "production MySQL", "storage 300 GB", "storage 20 GB", "200 GB … Production", "product",
     "loss of a zoo", TEXT * 20, "duction", "<b>", "\u0000"],
)  # fmt: skip
def test_what_does_not_stand_there_is_not_found(quote: str) -> None:
    assert not passages(CATALOG, TEXT, quote)


def test_a_word_that_exists_is_no_slip_of_another_one() -> None:
    assert not passages(CATALOG, "an unencrypted bucket", "encrypted bucket")
    assert not passages(CATALOG, "a private bucket in production", "private bucket in reduction")


@pytest.mark.parametrize(
    ("environment", "text", "quote"),
    [("prod", "for production", "for"), ("prod", "not production", "production"),
     ("staging", "production", "production"), ("prod", "production-like tests", "tests")],
)  # fmt: skip
def test_an_environment_is_said_by_its_own_name_only(
    environment: str, text: str, quote: str
) -> None:
    assert says_environment(CATALOG, environment, passages(CATALOG, text, quote)) is None
