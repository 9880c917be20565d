"""Executions as records, made in a few words, and what a decision does to them."""

from __future__ import annotations

from flowctl.engine.executor.deciding.decision import Decision
from flowctl.engine.executor.records.definition import Definition, compile_flow
from flowctl.engine.executor.records.records import Execution, TaskRun
from flowctl.flowtext.document import parse

NOW = 1_000_000


def definition(tasks: str, extra: str = "") -> Definition:
    value = parse(f"id: f\nnamespace: n\n{extra}tasks:\n{tasks}").value
    assert isinstance(value, dict)
    return compile_flow(value, 1, lambda _: True)


def execution(state: str = "RUNNING") -> Execution:
    return Execution("e", "n", "f", 1, [("CREATED", 0), (state, 1)])


def add(
    into: Execution, task: str, state: str, parent: str | None = None, value: str | None = None, **memo: object
) -> TaskRun:
    id_ = task if value is None else f"{task}-{value}"
    run = TaskRun(id_, task, parent, [("CREATED", 0), (state, 1)], value, memo=dict(memo))
    into.add(run)
    return run


def created(decision: Decision) -> list[str]:
    return [new.node.id for new in decision.create]


def ended(decision: Decision) -> dict[str, str]:
    return {run.task_id: state for run, state in (*decision.finish, *decision.close)}


LOG = "type: io.kestra.plugin.core.log.Log, message: m"
FLOW = "io.kestra.plugin.core.flow."
THREE = f"  - {{id: a, {LOG}}}\n  - {{id: b, {LOG}}}\n  - {{id: c, {LOG}}}\n"
GROUP = "      - {{id: {}, type: io.kestra.plugin.core.log.Log, message: m}}\n"


def group(kind: str, children: str = "abc", extra: str = "") -> str:
    lines = "".join(GROUP.format(child) for child in children)
    return f"  - id: g\n    type: {FLOW}{kind}\n{extra}    tasks:\n{lines}"
