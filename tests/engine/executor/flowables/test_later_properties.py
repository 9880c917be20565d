"""`onChildFailure` and `breakWhen`, with the real executor and store."""

from __future__ import annotations

import pytest

from tests.engine.running import Engine, flow, states

FLOW = "type: io.kestra.plugin.core.flow."
FAIL = "type: io.kestra.plugin.core.execution.Fail"
RETURN = "type: io.kestra.plugin.core.debug.Return"


@pytest.mark.parametrize(
    ("wish", "nap", "sibling"),
    [("FAILED", "PT1H", "FAILED"), ("CANCELLED", "PT1H", "CANCELLED"), ("CONTINUE", "PT0.05S", "SUCCESS")],
)
@pytest.mark.parametrize("kind", ["Parallel", "Dag"])
def test_a_failed_child_decides_about_its_siblings(
    running: Engine, kind: str, wish: str, nap: str, sibling: str
) -> None:
    tasks = [f"{{id: slow, {FLOW}Sleep, duration: {nap}}}", f"{{id: bad, {FAIL}}}"]
    members = [f"{{task: {task}}}" if kind == "Dag" else task for task in tasks]
    source = flow(f"  - id: g\n    {FLOW}{kind}\n    onChildFailure: {wish}\n    tasks: [{', '.join(members)}]\n")
    ended = running.run(source)
    assert states(ended) == {"g": "FAILED", "slow": sibling, "bad": "FAILED"}
    assert ended.state == "FAILED"


def looped(condition: str, more: str = "") -> str:
    return flow(
        f'  - id: each\n    {FLOW}Loop\n    values: [a, b, c, d]\n    breakWhen: "{condition}"\n{more}'
        f"    outputs:\n      - {{id: got, type: STRING, value: '{{{{ outputs.r.value }}}}'}}\n"
        f"    tasks: [{{id: r, {RETURN}, format: '{{{{ item.value }}}}!'}}]\n"
    )


@pytest.mark.parametrize(
    "condition",
    [
        "{{ item.value == 'b' }}",
        "{{ item.index == 1 }}",
        "{{ iteration.outputs.got == 'b!' }}",
        "{{ item.index == 1 and iteration.state == 'SUCCESS' }}",
    ],
)
def test_a_loop_stops_early(running: Engine, condition: str) -> None:
    ended = running.run(looped(condition))
    outputs = next(iter(ended.runs.values())).outputs
    assert ended.state == "SUCCESS"
    assert outputs["terminatedIterations"] == 2
    assert [row["outputs"] for row in outputs["outputs"]] == [{"got": "a!"}, {"got": "b!"}]  # type: ignore[attr-defined]


def test_iterations_that_run_are_waited_for(running: Engine) -> None:
    ended = running.run(looped("true", "    concurrencyLimit: 2\n"))
    outputs = next(iter(ended.runs.values())).outputs
    assert outputs["runningIterations"] == 0
    assert outputs["terminatedIterations"] == 2


def test_a_condition_that_fails_fails_the_loop(running: Engine) -> None:
    ended = running.run(looped("{{ nothing.here }}"))
    assert ended.state == "FAILED"
    assert any("breakWhen" in line for line in running.messages(ended.id, "ERROR"))
