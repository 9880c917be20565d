"""Edges of the small tasks of the core, as seen on real servers."""

from __future__ import annotations

import pytest

from tests.engine.running import Engine, flow, output

CORE = "type: io.kestra.plugin.core."


@pytest.mark.parametrize(
    ("kind", "message"),
    [
        ("execution.Labels", "The templated task must be a runnable task"),
        ("execution.Exit", "The templated task must be a runnable task"),
        ("execution.SetVariables", "The templated task must be a runnable task"),
        ("flow.Sequential", "The templated task must be a runnable task"),
        (
            "templating.TemplatedTask",
            "The templated task cannot be of type 'io.kestra.plugin.core.templating.TemplatedTask'",
        ),
    ],
)
def test_what_no_templated_task_can_be(running: Engine, kind: str, message: str) -> None:
    text = f'  - {{id: t, {CORE}templating.TemplatedTask, spec: "{CORE}{kind}"}}\n'
    ended = running.run(flow(text))
    assert running.messages(ended.id, "ERROR") == [f"ERROR t: {message}"]


def test_states_are_merged_deeply(running: Engine) -> None:
    first = f"  - {{id: a, {CORE}state.Set, data: {{m: {{x: 1, y: 1}}, n: 1}}}}\n"
    second = f"  - {{id: b, {CORE}state.Set, data: {{m: {{y: 2, z: 3}}}}}}\n"
    found = output(running.run(flow(first + second + f"  - {{id: g, {CORE}state.Get}}\n")), "g")
    assert found["data"] == {"m": {"x": 1, "y": 2, "z": 3}, "n": 1}


def test_an_empty_echo_is_an_empty_line(running: Engine) -> None:
    assert running.run(flow(f"  - {{id: e, {CORE}debug.Echo, format: ''}}\n")).state == "SUCCESS"


def test_the_kind_of_a_message_has_the_name_that_servers_use(running: Engine) -> None:
    ended = running.run(flow(f"  - {{id: e, {CORE}log.Log, message: {{a: 1}}}}\n"))
    assert running.messages(ended.id, "ERROR") == ["ERROR e: Invalid message type 'class java.util.LinkedHashMap'"]
