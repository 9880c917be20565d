"""Deciding an Approval over HTTP."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from flowctl.engine.api.runtime import PART
from flowctl.engine.executor.executor import Executor
from tests.engine.api.server import PASSWORD, READONLY, USER, Server, running
from tests.engine.running import Engine

FLOW = (
    "id: f\nnamespace: company.team\ntasks:\n  - id: ask\n    type: io.kestra.plugin.core.flow.Approval\n"
    "    commentRequired: ON_DENY\n    inputs: [{id: n, type: INT}]\n"
    "  - {id: after, type: io.kestra.plugin.core.debug.Return, format: '{{ outputs.ask.inputs.n }}'}\n"
)


class Asked:
    """A server on which an execution waits for a decision."""

    def __init__(self, server: Server, executor: Executor) -> None:
        self.server, self.engine = server, Engine(server.store, executor)
        assert server.save(FLOW).status_code == 200
        self.id = server.post("/executions/company.team/f", files={"__none": (None, "x")}).json()["id"]
        self.engine.wait_state(self.id, "PAUSED")

    def decide(self, **body: object) -> int:
        answer = self.server.post(
            f"/flowctl/executions/{self.id}/decision", json=body, auth=(USER, PASSWORD), token=None
        )
        return answer.status_code

    def asked(self) -> dict[str, object]:
        runs = self.engine.wait(self.id).runs.values()
        return next(run.outputs for run in runs if run.task_id == "ask")


@pytest.fixture
def asked(tmp_path: Path) -> Iterator[Asked]:
    with running(tmp_path, "lenient", engine=True) as server:
        executor = server.app.state.context.parts[PART]
        assert isinstance(executor, Executor)
        yield Asked(server, executor)


def test_an_approval_with_inputs_and_comment(asked: Asked) -> None:
    assert asked.decide(decision="APPROVED", inputs={"n": 7}, comment="go") == 200
    found = asked.asked()
    assert (found["by"], found["comment"], found["inputs"]) == (USER, "go", {"n": 7})
    assert asked.engine.read(asked.id).state == "SUCCESS"
    assert asked.decide(decision="APPROVED", inputs={"n": 7}) == 409


def test_a_denial_needs_its_comment(asked: Asked) -> None:
    assert asked.decide(decision="DENIED") == 422
    assert asked.decide(decision="DENIED", comment="no") == 200
    assert asked.asked()["decision"] == "DENIED"
    assert asked.engine.read(asked.id).state == "CANCELLED"


@pytest.mark.parametrize(
    "body",
    [{}, {"decision": 1}, {"decision": "MAYBE"}, {"decision": "APPROVED", "inputs": []}, {"decision": "APPROVED"}],
)
def test_what_cannot_be_read_changes_nothing(asked: Asked, body: dict[str, object]) -> None:
    assert asked.decide(**body) == 422
    assert asked.engine.read(asked.id).state == "PAUSED"


def test_a_resume_approves(asked: Asked) -> None:
    path = f"/executions/{asked.id}/actions/resume"
    assert asked.server.post(path, files={"n": (None, "3")}, token=READONLY).status_code == 403
    assert asked.server.post(path, files={"n": (None, "3")}).status_code == 200
    assert asked.asked()["inputs"] == {"n": 3}


def test_an_unknown_execution(asked: Asked) -> None:
    answer = asked.server.post("/flowctl/executions/nobody/decision", json={"decision": "APPROVED"})
    assert answer.status_code == 404
