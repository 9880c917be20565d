"""What a Subflow hands on when it is empty; expected values as seen on a real 2.0."""

from __future__ import annotations

import pytest

from tests.engine.running import Engine, flow, output, states

CORE = "io.kestra.plugin.core."
CHILD = (
    "labels: {x: own}\n"
    "inputs:\n  - {id: a, type: STRING, defaults: da}\n  - {id: n, type: INT, defaults: 3}\n"
    "  - {id: s, type: SELECT, values: [x, y], defaults: x}\n"
    "outputs:\n  - {id: o, type: STRING, value: '[{{ inputs.a }}|{{ inputs.n }}|{{ inputs.s }}] {{ labels.x }}'}\n"
)


def caller(given: str) -> str:
    return flow(f"  - {{id: c, type: {CORE}flow.Subflow, namespace: test.engine, flowId: child, {given}}}\n")


@pytest.mark.parametrize(
    ("given", "shown"),
    [
        ("inputs: {a: '', n: ''}, labels: {x: ''}", "[|3|x] own"),
        ("inputs: {a: \"{{ '' }}\"}, labels: {x: \"{{ '' }}\"}", "[|3|x] own"),
        ('inputs: {a: "{{ null }}"}, labels: [{key: x, value: "{{ null }}"}]', "[da|3|x] own"),
        ("inputs: {a: ' '}, labels: {x: ' '}", "[ |3|x]  "),
    ],
)
def test_empty_inputs_are_values_and_empty_labels_are_none(running: Engine, given: str, shown: str) -> None:
    running.save(flow(f"  - {{id: r, type: {CORE}debug.Return, format: x}}\n", CHILD, "child"))
    assert output(running.run(caller(given)), "c")["outputs"] == {"o": shown}


def test_an_empty_text_is_no_choice(running: Engine) -> None:
    running.save(flow(f"  - {{id: r, type: {CORE}debug.Return, format: x}}\n", CHILD, "child"))
    assert states(running.run(caller("inputs: {s: ''}"))) == {"c": "FAILED"}
