"""Whatever the description of the API allows to be asked, nothing answers with a fault of the server."""

from __future__ import annotations

from typing import Any

import pytest

HERE = "http://127.0.0.1:8765"


@pytest.mark.slow
def test_no_request_makes_the_server_fail(studio: Any, guest: Any) -> None:
    """A bounded run of schemathesis over every operation; events of runs that are not there end at once."""
    schemathesis = pytest.importorskip("schemathesis")
    import hypothesis

    browser = guest(studio)
    schema = schemathesis.openapi.from_dict(browser.get("/api/openapi.json").json())
    session = studio.sessions.find(browser.cookies[studio.gate.cookie])
    asked = 0
    for operation in schema.get_all_operations():

        @hypothesis.given(case=operation.ok().as_strategy())
        @hypothesis.settings(
            max_examples=25,
            deadline=None,
            database=None,
            derandomize=True,
            suppress_health_check=list(hypothesis.HealthCheck),
        )
        def no_fault(case: Any) -> None:
            nonlocal asked
            session.allowance = 100.0
            given = case.as_transport_kwargs(base_url=HERE)
            request = {name: given[name] for name in ("params", "json", "data", "files") if given.get(name)}
            known = {name: value for name, value in given["headers"].items() if name.lower() != "user-agent"}
            answer = browser.request(given["method"], given["url"], headers=known, **request)
            asked += 1
            assert answer.status_code < 500, (given["method"], given["url"], answer.text[:500])

        no_fault()
    assert asked > 200
