"""Lists whose tasks are all disabled, with the real executor."""

from __future__ import annotations

import pytest

from tests.engine.running import Engine, flow, states

FLOW = "type: io.kestra.plugin.core.flow."
OFF = "{id: off, type: io.kestra.plugin.core.debug.Return, format: x, disabled: true}"
FINALLY = "finally: [{id: last, type: io.kestra.plugin.core.debug.Return, format: x}]\n"


def test_finally_of_the_flow_runs(running: Engine) -> None:
    ended = running.run(flow(f"  - {OFF}\n", FINALLY))
    assert (ended.state, states(ended)) == ("SUCCESS", {"last": "SUCCESS"})


@pytest.mark.parametrize(
    "group",
    [
        f"{FLOW}Sequential\n    tasks: [{OFF}]",
        f"{FLOW}Parallel\n    tasks: [{OFF}]",
        f"{FLOW}Dag\n    tasks: [{{task: {OFF}}}]",
        f'{FLOW}If\n    condition: "true"\n    then: [{OFF}]',
        f"{FLOW}Switch\n    value: a\n    cases:\n      a: [{OFF}]",
    ],
    ids=["Sequential", "Parallel", "Dag", "If", "Switch"],
)
def test_finally_of_a_group_runs(running: Engine, group: str) -> None:
    ended = running.run(flow(f"  - id: g\n    {group}\n    {FINALLY}"))
    assert (ended.state, states(ended)) == ("SUCCESS", {"g": "SUCCESS", "last": "SUCCESS"})


def test_finally_does_not_run_without_a_branch(running: Engine) -> None:
    branch = f'{FLOW}If\n    condition: "false"\n    then: [{OFF}]'
    ended = running.run(flow(f"  - id: g\n    {branch}\n    {FINALLY}"))
    assert (ended.state, states(ended)) == ("SUCCESS", {"g": "SUCCESS"})
