"""The task that resumes another execution."""

from __future__ import annotations

from tests.engine.running import Engine, flow


def test_an_execution_that_is_not_there_is_named_as_such(running: Engine) -> None:
    ended = running.run(flow("  - {id: go, type: io.kestra.plugin.core.execution.Resume, executionId: nobody}\n"))
    assert running.messages(ended.id, "ERROR") == ["ERROR go: There is no execution nobody"]
