"""How a part of the portal is. The API says it in the words that its contract has; see `provisioning.api.responses`."""

from dataclasses import dataclass
from typing import Literal

State = Literal["ok", "embedded", "off", "error"]


@dataclass(frozen=True, slots=True)
class Health:
    """`embedded`: the part that the portal carries itself stands in for an outside service. `off`: nobody has configured
    it. `detail` is a sentence for an operator, and never holds a secret; with `error` it says what to do."""

    state: State
    detail: str = ""


CONNECTED = Health("ok")
# No word of detail: that a part is embedded is all there is to say.
EMBEDDED = Health("embedded")
OFF = Health("off")


def failing(detail: str) -> Health:
    return Health("error", detail)
