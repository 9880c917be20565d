"""Agreements of a flow: what is done at the first violation of each, and never again."""

from __future__ import annotations

import pytest

from tests.engine.running import Engine, flow, states

RETURN = "type: io.kestra.plugin.core.debug.Return, format: x"
HOLD = "  - {id: hold, type: io.kestra.plugin.core.flow.Pause}\n"
LATER = f"  - {{id: later, {RETURN}}}\n"


def lasting(behavior: str, more: str = "", duration: str = "PT0.1S") -> str:
    return f"sla:\n  - {{id: short, type: MAX_DURATION, duration: {duration}, behavior: {behavior}{more}}}\n"


def asserting(behavior: str, condition: str) -> str:
    return f'sla:\n  - {{id: sound, type: EXECUTION_ASSERTION, assert: "{condition}", behavior: {behavior}}}\n'


@pytest.mark.parametrize(("behavior", "state"), [("FAIL", "FAILED"), ("CANCEL", "CANCELLED")])
def test_an_execution_that_takes_too_long_is_ended(running: Engine, behavior: str, state: str) -> None:
    ended = running.run(flow(HOLD + LATER, lasting(behavior)))
    assert ended.state == state
    assert "later" not in states(ended)


def test_one_that_only_says_so_goes_on(running: Engine) -> None:
    key = running.save(flow(HOLD + LATER, lasting("NONE", ", labels: {slow: yes, n: 1}")))
    id_ = running.start(*key)
    found = running.wait(id_, lambda execution: ("slow", "true") in execution.labels)
    assert found.state == "PAUSED"
    assert ("n", "1") in found.labels


@pytest.mark.parametrize("labels", ["{late: sure}", "[{key: late, value: sure}]"])
def test_labels_are_a_map_or_a_list(running: Engine, labels: str) -> None:
    ended = running.run(flow(HOLD, lasting("FAIL", f", labels: {labels}")))
    assert ("late", "sure") in ended.labels


def test_one_that_keeps_to_it_is_left_alone(running: Engine) -> None:
    ended = running.run(flow(LATER, lasting("FAIL", ", labels: {late: sure}", "PT1H")))
    assert ended.state == "SUCCESS"
    assert "late" not in dict(ended.labels)


def test_an_assertion_is_looked_at_after_each_change(running: Engine) -> None:
    tasks = f"  - {{id: first, {RETURN}}}\n" + LATER
    ended = running.run(flow(tasks, asserting("FAIL", "{{ (outputs.first.value ?? 'y') != 'x' }}")))
    assert (ended.state, states(ended)) == ("FAILED", {"first": "FAILED"})


def test_an_assertion_that_cannot_be_evaluated_is_said_and_does_nothing(running: Engine) -> None:
    ended = running.run(flow(LATER, asserting("CANCEL", "{{ no.such }}")))
    assert ended.state == "SUCCESS"
    lines = running.store.read(lambda c: c.execute("SELECT message FROM logs WHERE level = 3").fetchall())
    assert any("the SLA sound cannot be evaluated" in line[0] for line in lines)
