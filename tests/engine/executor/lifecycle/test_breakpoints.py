"""Executions that stop before a task, over HTTP with the real executor."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from flowctl.engine.api.runtime import PART
from flowctl.engine.executor.executor import Executor
from flowctl.engine.executor.lifecycle import actions
from tests.engine.api.server import Server, running
from tests.engine.running import Engine, states

RETURN = "type: io.kestra.plugin.core.debug.Return, format: x"
FLOW = (
    f"id: f\nnamespace: company.team\ntasks:\n  - {{id: one, {RETURN}}}\n"
    f"  - id: group\n    type: io.kestra.plugin.core.flow.Sequential\n    tasks: [{{id: two, {RETURN}}}]\n"
    f"  - {{id: three, {RETURN}}}\n"
)


class Api:
    def __init__(self, server: Server, executor: Executor) -> None:
        self.server, self.engine = server, Engine(server.store, executor)
        assert server.save(FLOW).status_code == 200

    def start(self, points: str) -> str:
        path = f"/executions/company.team/f?breakpoints={points}"
        id_: str = self.server.post(path, files={"__none": (None, "x")}).json()["id"]
        return id_

    def go_on(self, id_: str, points: str = "") -> Any:
        return self.server.post(f"/executions/{id_}/actions/resume-from-breakpoint?breakpoints={points}")


@pytest.fixture
def api(tmp_path: Path) -> Iterator[Api]:
    with running(tmp_path, engine=True) as server:
        executor = server.app.state.context.parts[PART]
        assert isinstance(executor, Executor)
        yield Api(server, executor)


def test_it_stops_before_the_task_and_goes_on(api: Api) -> None:
    id_ = api.start("two")
    stopped = api.engine.wait_state(id_, "BREAKPOINT")
    assert states(stopped) == {"one": "SUCCESS", "group": "RUNNING", "two": "BREAKPOINT"}
    assert api.server.get(f"/executions/{id_}").json()["breakpoints"] == [{"id": "two"}]
    assert api.go_on(id_).json()["state"]["current"] == "RUNNING"
    assert api.engine.wait(id_).state == "SUCCESS"


def test_new_breakpoints_replace_the_old_ones(api: Api) -> None:
    id_ = api.start("one,two")
    api.engine.wait_state(id_, "BREAKPOINT")
    api.go_on(id_, "three")
    stopped = api.engine.wait(id_, lambda execution: "three" in states(execution) and execution.state == "BREAKPOINT")
    assert states(stopped)["two"] == "SUCCESS"
    assert api.go_on(id_).status_code == 200
    assert api.engine.wait(id_).state == "SUCCESS"
    assert api.go_on(id_).status_code == 409


def test_a_value_names_one_item(tmp_path: Path) -> None:
    source = (
        "id: f\nnamespace: company.team\ntasks:\n  - id: each\n    type: io.kestra.plugin.core.flow.ForEach\n"
        f"    values: [a, b]\n    tasks: [{{id: r, {RETURN}}}]\n"
    )
    with running(tmp_path / "other", "lenient", engine=True) as server:
        executor = server.app.state.context.parts[PART]
        assert isinstance(executor, Executor)
        engine = Engine(server.store, executor)
        id_ = engine.start(*engine.save(source))
        engine.wait(id_)
        path = f"/executions/{id_}/actions/replay?breakpoints=r.b"
        new = server.post(path).json()["id"]
        stopped = engine.wait_state(new, "BREAKPOINT")
    assert [(run.value, run.state) for run in stopped.runs.values() if run.task_id == "r"] == [
        ("a", "SUCCESS"),
        ("b", "BREAKPOINT"),
    ]


def test_one_that_has_stopped_can_be_killed(api: Api) -> None:
    id_ = api.start("one")
    api.engine.wait_state(id_, "BREAKPOINT")
    api.engine.command(id_, actions.kill)
    assert states(api.engine.wait(id_)) == {"one": "KILLED"}


def test_without_a_breakpoint_there_is_nothing_to_go_on_from(api: Api) -> None:
    id_ = api.start("nowhere")
    assert api.engine.wait(id_).state == "SUCCESS"
    assert api.go_on(id_).status_code == 409
