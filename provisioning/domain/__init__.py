"""The values that travel along the path of a request. Plain and frozen; nothing here knows Django or a service."""

from provisioning.domain.change import (
    COMMIT_AUTHOR,
    TRAIL_TRAILER,
    Change,
    Placement,
    PlacementQuery,
    is_work_of,
    request_trailer,
)
from provisioning.domain.file_change import NO_FILE, FileChange
from provisioning.domain.generated import (
    Check,
    CheckReport,
    Generated,
    RenderedResource,
    TerraformPlan,
)
from provisioning.domain.pull_request import (
    Checks,
    EtagCache,
    OpenedPullRequest,
    PullRequestState,
    Review,
)
from provisioning.domain.reading import (
    Outcome,
    Reading,
    ReadResource,
    ReadValue,
    Unmet,
    Usage,
)
from provisioning.domain.requirements import SINGLE, Requirements, Resource
from provisioning.domain.submission import CONFIRM, NO, YES, Question, Submission
from provisioning.domain.values import Origin, OriginKind, ParameterValue, Scalar, Value
from provisioning.domain.violation import Violation

__all__ = [
    "COMMIT_AUTHOR",
    "CONFIRM",
    "NO",
    "NO_FILE",
    "SINGLE",
    "TRAIL_TRAILER",
    "YES",
    "Change",
    "Check",
    "CheckReport",
    "Checks",
    "EtagCache",
    "FileChange",
    "Generated",
    "OpenedPullRequest",
    "Origin",
    "OriginKind",
    "Outcome",
    "ParameterValue",
    "Placement",
    "PlacementQuery",
    "PullRequestState",
    "Question",
    "ReadResource",
    "ReadValue",
    "Reading",
    "RenderedResource",
    "Requirements",
    "Resource",
    "Review",
    "Scalar",
    "Submission",
    "TerraformPlan",
    "Unmet",
    "Usage",
    "Value",
    "Violation",
    "is_work_of",
    "request_trailer",
]
