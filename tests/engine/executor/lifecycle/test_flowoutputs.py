"""Outputs of a flow that are wrong or not there, with the real executor."""

from __future__ import annotations

import pytest

from tests.engine.running import Engine, flow

TASKS = "  - {id: r, type: io.kestra.plugin.core.debug.Return, format: x}\n"


@pytest.mark.parametrize("value", ["ab", "", "1.5"])
def test_a_value_of_the_wrong_type_fails_even_where_it_is_optional(running: Engine, value: str) -> None:
    ended = running.run(flow(TASKS, f'outputs: [{{id: n, type: INT, required: false, value: "{value}"}}]\n'))
    assert (ended.state, ended.outputs) == ("FAILED", None)


@pytest.mark.parametrize("value", ["{{ nope.x }}", "{{ 'a' | nope }}"])
def test_an_optional_output_that_cannot_be_rendered_is_left_out_and_said(running: Engine, value: str) -> None:
    outputs = f'[{{id: n, type: INT, required: false, value: "{value}"}}, {{id: s, type: STRING, value: y}}]'
    ended = running.run(flow(TASKS, f"outputs: {outputs}\n"))
    assert (ended.state, ended.outputs) == ("SUCCESS", {"s": "y"})
    lines = running.store.read(lambda c: c.execute("SELECT message FROM logs WHERE level = 3").fetchall())
    assert any(line[0].startswith("the optional output `n` is left out: ") for line in lines)


def test_an_optional_output_that_is_null_is_left_out(running: Engine) -> None:
    ended = running.run(flow(TASKS, 'outputs: [{id: n, type: INT, required: false, value: "{{ null }}"}]\n'))
    assert ended.state == "SUCCESS"
    assert not ended.outputs
