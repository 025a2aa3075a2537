"""A rule of the platform that a request breaks."""

from dataclasses import dataclass

from provisioning.domain.values import ParameterValue


@dataclass(frozen=True, slots=True)
class Violation:
    """`sentence` names the rule and what is allowed. `place` is where the value stands ("1.multi_az": a
    resource's number and a parameter's path), or the id of the question that an answer settles
    ("rds.engine"); `instead` are values there that keep the rule. Both are empty where none is known."""

    sentence: str
    place: str = ""
    instead: tuple[ParameterValue, ...] = ()
