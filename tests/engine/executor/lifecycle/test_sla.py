"""Agreements of a flow: what is done at the first violation of each, and never again."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.engine.running import Engine, engine, flow, states

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


def said(running: Engine) -> list[tuple[str, str]]:
    rows = running.store.read(
        lambda c: c.execute("SELECT level, message FROM logs WHERE message LIKE 'SLA%'").fetchall()
    )
    return [(row[0], row[1]) for row in rows]


def test_an_assertion_that_cannot_be_evaluated_is_broken(running: Engine) -> None:
    ended = running.run(flow(LATER, asserting("CANCEL", "{{ no.such }}")))
    assert ended.state == "CANCELLED"
    (text,) = [text for _, text in said(running)]
    assert text.startswith("SLA 'sound' violated: it cannot be evaluated: Unable to find `no`")


def test_all_that_are_broken_are_said_once_each(running: Engine) -> None:
    rules = [
        f"{{id: {name}, type: EXECUTION_ASSERTION, assert: '0', behavior: NONE, labels: {{{name}: x}}}}"
        for name in "abc"
    ]
    ended = running.run(flow(LATER, f"sla: [{', '.join(rules)}]\n"))
    assert ended.state == "SUCCESS"
    assert {"a", "b", "c"} <= set(dict(ended.labels))
    assert [text for _, text in said(running)] == [
        f"SLA '{name}' violated: the assertion does not hold: 0" for name in "abc"
    ]


def test_what_runs_when_time_is_over_is_killed_and_the_log_says_why(running: Engine) -> None:
    ended = running.run(flow(HOLD, lasting("FAIL")))
    assert (ended.state, states(ended)) == ("FAILED", {"hold": "KILLED"})
    assert [text for _, text in said(running)] == ["SLA 'short' violated: the execution takes longer than PT0.1S"]


def test_an_assertion_is_looked_at_before_anything_runs(running: Engine) -> None:
    ended = running.run(flow(LATER, asserting("CANCEL", "{{ execution.state == 'FAILED' }}")))
    assert ([state for state, _ in ended.history], states(ended)) == (["CREATED", "CANCELLED"], {})


def test_before_2_0_an_assertion_that_cannot_be_evaluated_yet_is_ignored(tmp_path: Path) -> None:
    with engine(tmp_path, "1.3") as old:
        tasks = f"  - {{id: first, {RETURN}}}\n" + LATER
        good = old.run(flow(tasks, asserting("FAIL", "{{ outputs.first.value == 'x' }}")))
        bad = old.run(flow(tasks, asserting("FAIL", "{{ outputs.first.value == 'y' }}"), id_="bad"))
        assert (good.state, bad.state, states(bad)) == ("SUCCESS", "FAILED", {"first": "FAILED"})
