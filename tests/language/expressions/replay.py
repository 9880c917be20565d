"""Plays the recorded flows of the area `expressions`: their tasks print one template each, in order."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from flowctl.flowtext.document import parse
from flowctl.language.expressions.environment import Environment
from flowctl.language.expressions.errors import ExpressionError
from flowctl.language.expressions.template import compile_template
from flowctl.language.expressions.values import Instant

DATA = Path(__file__).parent / "data"
NOW = datetime(2026, 7, 1, 12, 0, 0, 123456, tzinfo=UTC)
EXECUTION = "3sK1zQ8fYb0ZtW5mXa7LcN"


@dataclass(frozen=True)
class Case:
    """One task of a recorded flow: its template, and what the server did with it."""

    flow: str
    task: str
    template: str
    state: str
    value: object
    error: str
    ours: object
    ours_error: ExpressionError | None

    @property
    def agrees(self) -> bool:
        """Whether state and output are the same; a failed task has no output."""
        if self.state != "SUCCESS":
            return self.ours_error is not None
        return self.ours_error is None and self.ours == self.value


def without_nulls(value: object) -> object:
    """Maps lose their null entries, as the engine's context does."""
    if isinstance(value, dict):
        return {key: without_nulls(item) for key, item in value.items() if item is not None}
    return [without_nulls(item) for item in value] if isinstance(value, list) else value


def nested_labels(labels: dict[str, Any]) -> dict[str, Any]:
    """Labels with dots as maps in maps, and those of the system."""
    found: dict[str, Any] = {}
    for key, value in {**labels, "system.from": "api", "system.correlationId": EXECUTION}.items():
        *parts, last = key.split(".")
        here = found
        for part in parts:
            here = here.setdefault(part, {})
        here[last] = value
    return found


class FlowContext:
    """The variables of one execution, growing as its tasks finish."""

    def __init__(self, flow: dict[str, Any]) -> None:
        self.flow = flow
        self.states: dict[str, dict[str, str]] = {}
        self.outputs: dict[str, dict[str, object]] = {}
        start = "2026-07-01T11:59:58.987654Z"
        self.fixed: dict[str, object] = {
            "flow": {"id": flow["id"], "namespace": flow["namespace"], "revision": 1, "tenantId": "main"},
            "execution": {"id": EXECUTION, "startDate": start, "originalId": EXECUTION, "state": "RUNNING"},
            "labels": nested_labels(flow.get("labels") or {}),
            "parents": [],
            "kestra": {"url": "http://localhost"},
            "envs": {},
            "globals": {},
        }
        if flow.get("variables"):
            self.fixed["vars"] = without_nulls(flow["variables"])

    def of(self, task: dict[str, Any]) -> dict[str, object]:
        """The context that a task sees."""
        taskrun = {"id": "5hJ2zQ8fYb0ZtW5mXa7LcP", "startDate": Instant.of(NOW), "attemptsCount": 0}
        return {
            **self.fixed,
            "task": {"id": task["id"], "type": task["type"]},
            "taskrun": taskrun,
            "tasks": {**self.states, task["id"]: {"state": "CREATED"}},
            "outputs": {**self.outputs, task["id"]: {}},
        }

    def finished(self, task: str, value: object) -> None:
        """Notes a task's end; `value` is None when it failed."""
        self.states[task] = {"state": "WARNING" if value is None else "SUCCESS"}
        self.outputs[task] = {} if value is None else {"value": value}

    def environment(self) -> Environment:
        """An environment whose functions know this execution and nothing else."""

        def secret(key: str, **more: object) -> object:
            raise ExpressionError(f"Cannot find secret for key '{key}'.")

        def missing(path: str) -> object:
            namespace = self.flow["namespace"]
            raise ExpressionError(f"File '/{path}' was not found in namespace '{namespace}'.")

        def tasks_with_state(state: str) -> object:
            return [{"taskId": t, **s} for t, s in self.states.items() if s["state"] == state.upper()]

        def http(uri: str, **more: object) -> object:
            if uri.endswith("/configs"):
                return {"edition": "OSS"}
            raise ExpressionError("Failed to execute HTTP Request, server respond with status 401 : Unauthorized")

        def loop_outputs(**given: object) -> object:
            raise ExpressionError("The 'loopOutputs' function expects a non-null argument 'outputs'.")

        hooks = {
            "secret": secret,
            "fileSize": missing,
            "isFileEmpty": missing,
            "tasksWithState": tasks_with_state,
            "http": http,
            "loopOutputs": loop_outputs,
            "randomPort": lambda: 32768,
        }
        return Environment(clock=lambda: NOW, dialect="2.0", hooks=hooks)


def cases() -> Iterator[Case]:
    """All tasks of all recorded flows, rendered in their order."""
    recorded = json.loads((DATA / "recorded.json").read_text("utf-8"))
    for name, seen in recorded.items():
        flow: Any = parse((DATA / "flows" / name).read_text("utf-8")).value
        context = FlowContext(flow)
        for task in flow["tasks"]:
            ours, error = _rendered(context, task)
            context.finished(task["id"], ours)
            yield Case(
                name,
                task["id"],
                task.get("format", ""),
                seen["states"][task["id"]],
                seen["outputs"][task["id"]],
                seen["errors"].get(task["id"], ""),
                ours,
                error,
            )


def _rendered(context: FlowContext, task: dict[str, Any]) -> tuple[object, ExpressionError | None]:
    try:
        return compile_template(task["format"]).render(context.of(task), context.environment()), None
    except ExpressionError as error:
        return None, error
