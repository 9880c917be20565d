"""Tasks are found wherever they may stand."""

from __future__ import annotations

from flowctl.flowtext.document import parse
from flowctl.language.walk import walk_tasks

SOURCE = """
id: a
namespace: n
tasks:
  - {id: one, type: t.Log}
  - id: dag
    type: io.kestra.plugin.core.flow.Dag
    tasks:
      - task: {id: first, type: t.Log}
      - task: {id: second, type: t.Log}
        dependsOn: [first]
  - id: choice
    type: io.kestra.plugin.core.flow.If
    condition: x
    then: [{id: yes_, type: t.Log}]
    else: [{id: no_, type: t.Log}]
  - id: pick
    type: io.kestra.plugin.core.flow.Switch
    value: x
    cases: {a b: [{id: case, type: t.Log}]}
    defaults: [{id: other, type: t.Log}]
  - id: wait
    type: io.kestra.plugin.core.flow.Pause
    onPause: {id: tell, type: t.Log}
    errors: [{id: local, type: t.Log}]
  - id: gone
    type: com.example.Unknown
    tasks: [{id: inner, type: t.Log}, just text, null]
errors: [{id: alarm, type: t.Log}]
finally: [{id: last, type: t.Log}]
afterExecution: [{id: after, type: t.Log}]
listeners:
  - tasks: [{id: listener, type: t.Log}]
"""


def test_every_task_with_its_path_in_order() -> None:
    found = {task["id"]: path for path, task in walk_tasks(parse(SOURCE).value)}
    outer = "one dag first second choice yes_ no_ pick case other wait tell local gone inner"
    assert " ".join(str(name) for name in found) == f"{outer} alarm last after listener"
    assert found["second"] == ("tasks", 1, "tasks", 1, "task")
    assert found["case"] == ("tasks", 3, "cases", "a b", 0)
    assert found["tell"] == ("tasks", 4, "onPause")
    assert found["listener"] == ("listeners", 0, "tasks", 0)


def test_what_is_no_flow_has_no_tasks() -> None:
    for value in (None, 1, "x", [], {}, {"tasks": None}, {"tasks": {"a": 1}}, {"tasks": [None, 1, "x", []]}):
        assert list(walk_tasks(value)) == []


def test_a_task_is_found_by_its_type_or_its_id() -> None:
    """One of the two may be missing while a flow is written: its place is one of a task all the same."""
    for half in ({"type": "t.Log"}, {"id": "one"}):
        flow = {"tasks": [half, {"task": half}, {"id": "wait", "onPause": half}]}
        paths = [("tasks", 0), ("tasks", 1, "task"), ("tasks", 2), ("tasks", 2, "onPause")]
        assert [path for path, _ in walk_tasks(flow)] == paths
    assert list(walk_tasks({"tasks": [{"label": "x"}, {"onPause": {"label": "x"}}]})) == []
