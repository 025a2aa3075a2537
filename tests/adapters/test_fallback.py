from collections.abc import Sequence

import pytest

from provisioning.adapters.fallback import WithFallback
from provisioning.catalog import Catalog
from provisioning.domain import Reading, Submission
from provisioning.domain.health import Health, failing
from provisioning.errors import (
    AnswerUnreadableError,
    ModelRefusedError,
    PortalError,
    RateLimitedError,
    UpstreamCreditExhaustedError,
    UpstreamKeyRefusedError,
    UpstreamUnavailableError,
)
from provisioning.pipeline.understand import understand
from tests.support.scripted import Scripted, asking, database, small_catalog

POSTGRES = database(("engine", "postgres", "Postgres"))


class Down:
    name = "claude"

    def __init__(self, error: PortalError) -> None:
        self.error = error

    def read(
        self,
        submission: Submission,
        catalog: Catalog,
        complaints: Sequence[str] = (),
        first: str = "",
    ) -> Reading:
        raise self.error

    def health(self) -> Health:
        return failing("down")


@pytest.mark.parametrize(
    "error",
    [
        UpstreamUnavailableError("Claude does not answer."),
        RateLimitedError("Claude is busy.", 30),
        UpstreamCreditExhaustedError("No credit is left."),
        UpstreamKeyRefusedError("Claude does not accept the key."),
        AnswerUnreadableError("The answer was in no form."),
    ],
)
def test_an_outage_lets_the_other_parser_read_and_the_request_says_so(error: PortalError) -> None:
    parser = WithFallback(Down(error), Scripted(POSTGRES))
    notes = understand(parser, small_catalog(), asking()).notes
    assert f"{error.message} The text was read by the scripted parser instead." in notes


def test_a_refusal_stands() -> None:
    with pytest.raises(ModelRefusedError):
        understand(
            WithFallback(Down(ModelRefusedError("No.")), Scripted(POSTGRES)),
            small_catalog(),
            asking(),
        )
