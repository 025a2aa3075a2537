"""What is written, and what was checked about it."""

from collections.abc import Mapping
from dataclasses import dataclass

from provisioning.domain.requirements import Requirements
from provisioning.domain.values import Scalar


@dataclass(frozen=True, slots=True)
class RenderedResource:
    """`structure` are the choices that decide which blocks exist; `template_digest` names the exact template."""

    type: str
    name: str
    directory: str
    files: Mapping[str, str]
    structure: Mapping[str, Scalar | None]
    template_digest: str


@dataclass(frozen=True, slots=True)
class Check:
    """`passed` None means that it was skipped; `detail` then says why."""

    name: str
    tool: str
    passed: bool | None
    detail: str = ""
    seconds: float = 0.0


@dataclass(frozen=True, slots=True)
class TerraformPlan:
    add: int
    change: int
    destroy: int
    resources: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class CheckReport:
    checks: tuple[Check, ...]
    plan: TerraformPlan | None = None


@dataclass(frozen=True, slots=True)
class Generated:
    """Requirements after policy, the files, and what was checked: a preview shows exactly what a pull request will hold."""

    requirements: Requirements
    resources: tuple[RenderedResource, ...]
    report: CheckReport
