"""Tasks that are no work: where they may stand, what has no effect on them, and labels that others give."""

from __future__ import annotations

import pytest

from flowctl.language.validation.check import check_flow
from flowctl.language.validation.text import constraint_text
from flowctl.model.environment import Dialect

CORE = "io.kestra.plugin.core."
LOG: dict[str, object] = {"id": "l", "type": f"{CORE}log.Log", "message": "x"}
BOTH: tuple[Dialect, ...] = ("1.3", "2.0")
ACTS: list[dict[str, object]] = [
    {"type": f"{CORE}execution.Exit"},
    {"type": f"{CORE}execution.Labels", "labels": {"a": "b"}},
    {"type": f"{CORE}execution.SetVariables", "variables": {"a": "b"}},
    {"type": f"{CORE}execution.UnsetVariables", "variables": ["a"]},
    {"type": f"{CORE}flow.Subflow", "namespace": "n", "flowId": "f"},
]
GROUP: dict[str, object] = {"type": f"{CORE}flow.Sequential", "tasks": [LOG]}


def said(dialect: Dialect, task: dict[str, object], **more: object) -> list[tuple[str, str]]:
    flow = {"id": "f", "namespace": "a.b", "tasks": [{"id": "t", **task}], **more}
    return [(one.code, one.message) for one in check_flow(flow, dialect=dialect, strict_types=True)]


@pytest.mark.parametrize("dialect", BOTH)
@pytest.mark.parametrize("task", ACTS, ids=lambda task: str(task["type"]).rsplit(".", 1)[-1])
def test_what_is_no_work_stands_in_no_working_directory(dialect: Dialect, task: dict[str, object]) -> None:
    directory = {"type": f"{CORE}flow.WorkingDirectory", "tasks": [{"id": "c", **task}]}
    text = "Only runnable tasks are allowed as children of a WorkingDirectory task"
    assert said(dialect, directory) == [("F334", text)]


@pytest.mark.parametrize("dialect", BOTH)
@pytest.mark.parametrize("task", [*ACTS, GROUP], ids=lambda task: str(task["type"]).rsplit(".", 1)[-1])
def test_a_time_limit_on_what_is_no_work_is_said_to_be_without_effect(
    dialect: Dialect, task: dict[str, object]
) -> None:
    text = "The task 't' cannot use the 'timeout' property as it's only relevant for runnable tasks."
    assert said(dialect, {**task, "timeout": "PT1S"}) == [("F357", text)]


@pytest.mark.parametrize("task", [LOG, {"type": f"{CORE}flow.Pause"}], ids=["Log", "Pause"])
def test_work_and_waits_have_time_limits(task: dict[str, object]) -> None:
    assert said("2.0", {**task, "timeout": "PT1S"}) == []


@pytest.mark.parametrize("dialect", BOTH)
@pytest.mark.parametrize("labels", [{"system.a": "b"}, [{"key": "system.a", "value": "b"}]], ids=["map", "list"])
def test_a_subflow_and_a_trigger_give_no_labels_of_the_system(dialect: Dialect, labels: object) -> None:
    text = "System labels can only be set by Kestra itself, offending label: system.a=b"
    trigger = {"id": "s", "type": f"{CORE}trigger.Schedule", "cron": "* * * * *", "labels": labels}
    assert said(dialect, {**ACTS[4], "labels": labels}, triggers=[trigger]) == [("F308", text), ("F308", text)]


def test_other_labels_of_a_subflow_are_free_and_one_of_the_system_is_named_by_its_place() -> None:
    free = {**ACTS[4], "labels": {"Bad Key": "x", "a": None, "{{ x }}": "y"}}
    assert said("2.0", free) == []
    flow = {"id": "f", "namespace": "a.b", "tasks": [{"id": "t", **ACTS[4], "labels": {"system.readOnly": "true"}}]}
    assert constraint_text(check_flow(flow, dialect="2.0", strict_types=True)) == (
        "Validation error: t.labels[0].<list element>: System labels can only be set by Kestra itself, "
        "offending label: system.readOnly=true\n"
    )
