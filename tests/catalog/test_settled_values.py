"""What the catalog already allows settles to itself, whoever says it, whatever its words may spell besides."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from provisioning.catalog.format import Parameter
from provisioning.catalog.settle import settle
from provisioning.catalog.values import choices_of
from provisioning.errors import InvalidInputError
from tests.support.built_in import CATALOG

OTHERS = {"region": "us-east-1"}


def listed() -> list[tuple[str, str]]:
    """Each parameter of each type that is chosen from a list."""
    return [
        (name, path)
        for name, resource_type in CATALOG.types.items()
        for path, field in resource_type.fields()
        if field.enum or field.allowed
    ]


@pytest.mark.parametrize(("type_name", "path"), listed())
def test_each_choice_settles_to_itself(type_name: str, path: str) -> None:
    field = dict(CATALOG.types[type_name].fields())[path]
    engines = getattr(CATALOG.types[type_name].field("engine"), "enum", None) or [""]
    for engine in engines:
        others = {**OTHERS, "engine": engine}
        for choice in choices_of(CATALOG, field, others) or ():
            is_list = isinstance(field, Parameter) and field.type == "array"
            said = [choice] if is_list else choice
            assert settle(CATALOG, path, field, said, others) == (
                tuple(said) if is_list else choice
            )


@pytest.mark.parametrize("said", ["java8.al2", "provided.al2"])
def test_an_older_runtime_is_not_taken_for_the_newest_one(said: str) -> None:
    field = CATALOG.types["lambda"].field("runtime")
    assert field is not None
    assert settle(CATALOG, "runtime", field, said) == said


@pytest.mark.parametrize(
    ("said", "meant"),
    [('"orders"', "orders"), ("“orders”", "orders"), ('{"a": "b"}', '{"a": "b"}'), ('5"', '5"')],
)
def test_quotes_around_a_text_go_and_quotes_within_it_stay(said: str, meant: str) -> None:
    field = CATALOG.types["ssm_parameter"].field("value")
    assert field is not None
    assert settle(CATALOG, "value", field, said) == meant


@given(said=st.text(max_size=60))
def test_settling_twice_is_settling_once(said: str) -> None:
    field = CATALOG.types["ssm_parameter"].field("value")
    assert field is not None
    try:
        once = settle(CATALOG, "value", field, said)
    except InvalidInputError:
        return
    assert settle(CATALOG, "value", field, once) == once
