"""schemathesis against the OpenAPI file: whatever is sent, no answer is a fault of the server's or undocumented."""

import time
from collections.abc import Callable
from pathlib import Path
from typing import Any, cast

import pytest
import schemathesis
from hypothesis import HealthCheck, given, settings
from schemathesis import checks as server_checks
from schemathesis.specs.openapi import checks as openapi_checks

from proofkit_serve.client import Client
from proofkit_serve.client.process import ServerProcess
from proofkit_serve.wire.requests import PacketJob, SessionInput

WithGoal = Callable[..., SessionInput]
FILE = Path(__file__).parents[3] / "docs" / "reference" / "openapi.json"
CHECKS: list[Any] = [
    cast("Any", server_checks).not_a_server_error,
    *(
        getattr(openapi_checks, name)
        for name in (
            "status_code_conformance",
            "content_type_conformance",
            "response_schema_conformance",
            "response_headers_conformance",
            "negative_data_rejection",
            "unsupported_method",
        )
    ),
]
"""What else it knows to check has rules of the product against it: a body can fit its form and still be refused."""
SECONDS = 60.0
UNCHECKED = [HealthCheck.too_slow, HealthCheck.filter_too_much, HealthCheck.data_too_large]
OPERATIONS: list[Any] = [
    result.ok() for result in cast("Any", schemathesis).openapi.from_path(FILE).get_all_operations()
]


@pytest.fixture(scope="module")
def known(server: ServerProcess, with_goal: WithGoal) -> dict[str, str]:
    """Ids that exist, so that not every address is one of nothing."""
    with Client(server.url, timeout_s=120.0) as client:
        session = client.create_session(with_goal())
        generation = client.generate(session.id, PacketJob(kind="packet"))
        client.wait(generation.id)
        return {"session_id": session.id, "generation_id": generation.id, "name": "work-sample.md"}


@pytest.mark.slow
@pytest.mark.parametrize("operation", OPERATIONS, ids=lambda operation: operation.label)
def test_no_answer_is_a_fault_or_undocumented(
    operation: Any,  # noqa: ANN401 - as schemathesis gives it
    server: ServerProcess,
    known: dict[str, str],
) -> None:
    ends = time.monotonic() + SECONDS / len(OPERATIONS)

    @settings(
        max_examples=60,
        deadline=None,
        suppress_health_check=UNCHECKED,
        database=None,
    )
    @given(case=operation.as_strategy())
    def ask(case: Any) -> None:  # noqa: ANN401 - the same
        if time.monotonic() > ends:
            return
        answer = case.call(base_url=server.url, timeout=60)
        case.validate_response(answer, checks=CHECKS)
        names: list[str] = list(case.path_parameters or {})
        path = {name: known[name] for name in names if name in known}
        if path and operation.method.upper() != "DELETE":
            case.path_parameters = {**case.path_parameters, **path}
            case.validate_response(case.call(base_url=server.url, timeout=60), checks=CHECKS)

    ask()
