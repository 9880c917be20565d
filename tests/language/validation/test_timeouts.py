"""F357: a time limit where nothing ends by it."""

from __future__ import annotations

import pytest

from flowctl.language.validation.check import check_flow

CORE = "io.kestra.plugin.core."
LOG = {"id": "say", "type": f"{CORE}log.Log", "message": "m"}


@pytest.mark.parametrize(
    ("task", "warned"),
    [
        (LOG, False),
        ({"id": "t", "type": f"{CORE}flow.Pause"}, False),
        ({"id": "t", "type": f"{CORE}flow.Sequential", "tasks": [LOG]}, True),
        ({"id": "t", "type": f"{CORE}flow.Subflow", "namespace": "n", "flowId": "g"}, True),
    ],
    ids=["Log", "Pause", "Sequential", "Subflow"],
)
def test_a_timeout_is_for_what_works_or_waits(task: dict[str, object], warned: bool) -> None:
    flow = {"id": "f", "namespace": "n", "tasks": [{**task, "timeout": "PT1M"}]}
    found = [(one.severity, one.path) for one in check_flow(flow, strict_types=True) if one.code == "F357"]
    assert found == ([("warning", ("tasks", 0, "timeout"))] if warned else [])
