"""What would keep a rule that is broken: the values of a correction that takes one click."""

from collections.abc import Sequence

from provisioning.catalog.format import FieldSpec, Policy
from provisioning.domain import ParameterValue

MOST_INSTEAD = 4


def keeping(policy: Policy, field: FieldSpec | None) -> tuple[ParameterValue, ...]:
    """The values that a policy asks for, or those choices of the field that it leaves."""
    if policy.operator in {"minimum", "maximum", "equals"}:
        return () if isinstance(policy.value, list) else (policy.value,)
    listed = policy.value if isinstance(policy.value, list) else [policy.value]
    if policy.operator == "one_of":
        return _few(listed)
    if policy.operator == "not_one_of" and field is not None:
        return _few([choice for choice in field.enum if choice not in listed])
    return ()


def nearest_bound(field: FieldSpec, value: ParameterValue) -> tuple[ParameterValue, ...]:
    """The bound that a number is beyond."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        return ()
    if field.minimum is not None and value < field.minimum:
        return (_whole(field, field.minimum),)
    if field.maximum is not None and value > field.maximum:
        return (_whole(field, field.maximum),)
    return ()


def _few(values: Sequence[ParameterValue]) -> tuple[ParameterValue, ...]:
    """More of them are no correction but a choice, and the control beside it is made for that."""
    return tuple(values) if len(values) <= MOST_INSTEAD else ()


def _whole(field: FieldSpec, bound: float) -> int | float:
    return int(bound) if field.type == "integer" else bound
