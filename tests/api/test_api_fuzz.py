"""Whatever is sent, the API answers as its own description says, and never with a 500."""

import json
from collections.abc import Callable
from typing import Any

import pytest
from django.core.serializers.json import DjangoJSONEncoder
from hypothesis import HealthCheck, given, settings
from pytest_django.live_server_helper import LiveServer


def described() -> dict[str, Any]:
    from provisioning.api.root import api

    found: dict[str, Any] = json.loads(json.dumps(api.get_openapi_schema(), cls=DjangoJSONEncoder))
    return found


OPERATIONS = [
    (path, method) for path, methods in described()["paths"].items() for method in methods
]


@pytest.mark.xdist_group("fuzz")
@pytest.mark.parametrize(("path", "method"), OPERATIONS)
@pytest.mark.usefixtures("portal")
def test_no_input_gets_an_answer_that_is_not_described(
    path: str, method: str, live_server: LiveServer
) -> None:
    import schemathesis  # a second, which every process of a test run would wait for
    from schemathesis.checks import not_a_server_error
    from schemathesis.specs.openapi.checks import (
        content_type_conformance,
        response_schema_conformance,
    )

    operation = schemathesis.openapi.from_dict(described())[path][method]

    takes_input = any(
        described()["paths"][path][method].get(kind) for kind in ("parameters", "requestBody")
    )

    @settings(
        max_examples=60 if takes_input else 1,
        derandomize=True,
        suppress_health_check=list(HealthCheck),
    )
    @given(case=operation.as_strategy())
    def call(case: schemathesis.Case[Any]) -> None:
        checks: list[Callable[..., Any]] = [
            not_a_server_error,
            content_type_conformance,
            response_schema_conformance,
        ]
        # The first look at the health builds both parsers; on a busy machine that takes longer than the usual 10 s.
        case.call_and_validate(base_url=live_server.url, checks=checks, timeout=120)

    call()
