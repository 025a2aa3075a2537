"""A number of hundreds of digits, or of hundreds of millions, is too large, and no failure of the portal."""

import pytest

from provisioning.adapters.rules import Rules
from provisioning.catalog import Catalog
from provisioning.domain import Submission
from provisioning.errors import ClarificationNeededError, PortalError
from provisioning.pipeline.understand import understand
from tests.support.built_in import CATALOG

NINES = "9" * 400  # infinity to Python's floats
HUGE = (
    NINES, f"{NINES}.5", f"{NINES},{NINES}", f"-{NINES}", "٩" * 400, "5 " + "million " * 100, "5 " + "thousand " * 150,
    "5 " + "k " * 300, "twenty " * 100, "half " * 60, "1e400", f"1/{NINES}", f"{NINES}%", f"{NINES}½", f"3-{NINES}",
)  # fmt: skip
SENTENCES = (
    "production rds postgres with {} GB", "dev lambda, timeout {} hours", "dev eks with {} nodes", "sqs retention {} days",
    "{} s3 buckets", "cron({} !", "port {} redis", "storage: {} TB\nengine: postgres", "at {}:00 rds",
)  # fmt: skip


@pytest.fixture(scope="module")
def rules() -> Rules:
    return Rules(CATALOG)


def outcome(rules: Rules, text: str, catalog: Catalog = CATALOG) -> str:
    try:
        return str(understand(rules, catalog, Submission(text, "ana")).resources)
    except PortalError as error:
        return error.message


@pytest.mark.parametrize("sentence", SENTENCES)
def test_any_number_in_any_place_is_read_or_refused_in_words(rules: Rules, sentence: str) -> None:
    for number in HUGE:
        told = outcome(rules, sentence.format(number))
        assert not {"inf", "nan"} & set(told.lower().replace("'", " ").split())


def test_what_is_too_large_is_said_with_the_bound(rules: Rules) -> None:
    with pytest.raises(ClarificationNeededError, match="at most 65536 GB"):
        understand(rules, CATALOG, Submission(SENTENCES[0].format(NINES), "ana"))
