"""Items of ForEach, EachSequential and EachParallel, with the real executor and store."""

from __future__ import annotations

import pytest

from tests.engine.running import Engine, flow, output

FLOW = "type: io.kestra.plugin.core.flow."
RETURN = "type: io.kestra.plugin.core.debug.Return"


@pytest.mark.parametrize(
    "each",
    [
        "ForEach, values: '[\"1\", 1, 2]'",
        "ForEach, concurrencyLimit: 0, values: '[\"1\", 1, 2]'",
        "EachSequential, value: '[\"1\", 1, 2]'",
        "EachParallel, value: '[\"1\", 1, 2]'",
    ],
    ids=["one-by-one", "all-at-once", "sequential", "parallel"],
)
def test_two_items_of_one_text_are_two_items(running: Engine, each: str) -> None:
    tasks = f"[{{id: a, {RETURN}, format: '{{{{ taskrun.value }}}}'}}, {{id: b, {RETURN}, format: x}}]"
    ended = running.run(flow(f"  - {{id: each, {FLOW}{each}, tasks: {tasks}}}\n"))
    assert ended.state == "SUCCESS"
    found = sorted((run.task_id, run.value, run.iteration) for run in ended.runs.values() if run.parent_id)
    assert found == [(task, value, n) for task in "ab" for n, value in enumerate(("1", "1", "2"))]
    read = running.read(ended.id)
    assert [run.item for run in read.runs.values()] == [run.item for run in ended.runs.values()]


def test_a_removed_variable_stays_so_when_another_beside_it_is_set(running: Engine) -> None:
    task = "type: io.kestra.plugin.core.execution."
    ended = running.run(
        flow(
            f"  - {{id: a, {task}UnsetVariables, variables: [m.x, m.y]}}\n"
            f"  - {{id: b, {task}SetVariables, variables: {{m: {{z: 3, y: 4}}}}}}\n"
            f"  - {{id: c, {RETURN}, format: '{{{{ vars }}}}'}}\n",
            "variables: {m: {x: 1, y: 2}}\n",
        )
    )
    assert output(ended, "c") == {"value": '{"m":{"y":4,"z":3}}'}


def test_a_variable_inside_a_variable_is_removed(running: Engine) -> None:
    task = "type: io.kestra.plugin.core.execution."
    ended = running.run(
        flow(
            f"  - {{id: a, {task}SetVariables, variables: {{m: {{x: 1, y: {{z: 2}}}}}}}}\n"
            f"  - {{id: b, {task}UnsetVariables, variables: [m.y.z, m.none.z, none]}}\n"
            f"  - {{id: c, {RETURN}, format: '{{{{ vars }}}}'}}\n"
        )
    )
    assert ended.variables == {"m": {"x": 1, "y": {}}}
    assert output(ended, "c") == {"value": '{"m":{"x":1,"y":{}}}'}
