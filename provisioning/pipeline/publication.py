"""What a request brings to its pull request."""

from dataclasses import dataclass
from datetime import datetime

from provisioning.domain import Generated, Submission


@dataclass(frozen=True, slots=True)
class Publication:
    """The request's part. `created_at` also dates the commit; `fresh` as in `Change`. `trail_head` is where the trail stood, for
    its auditors; `source` is
    how the portal knows the requester, and `client` the program that called."""

    request_id: str
    submission: Submission
    generated: Generated
    created_at: datetime
    fresh: bool = False
    trail_head: str = ""
    source: str = ""
    client: str = ""
