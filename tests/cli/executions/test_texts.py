"""Log lines and endings."""

from __future__ import annotations

import pytest

from flowctl.cli.executions.texts import end_line, has_ended, log_line, not_taken

ENTRY = {"timestamp": "2026-01-15T09:05:01.123456Z", "level": "WARN", "taskId": "load", "message": "first\nsecond\n"}
EXECUTION = {
    "id": "4mVS",
    "namespace": "dev",
    "flowId": "hello",
    "state": {"current": "FAILED", "duration": "PT1.5S"},
}


def test_a_log_line_has_time_level_task_and_an_indented_message() -> None:
    assert log_line(ENTRY, colour=False) == "09:05:01.123 WARN  load  first\n    second"


def test_a_log_line_of_no_task_has_a_dash() -> None:
    assert log_line(
        {"timestamp": "2026-01-15T09:05:01Z", "message": "x"}, colour=False
    ) == "09:05:01     INFO  - x".replace("- x", "-  x")


def test_colour_marks_the_level_only() -> None:
    assert log_line(ENTRY, colour=True).startswith("09:05:01.123 \x1b[33mWARN \x1b[0m load")


def test_the_end_says_state_and_duration() -> None:
    assert end_line(EXECUTION, colour=False) == "Execution 4mVS of dev/hello: FAILED after 1.5s"
    longer = {**EXECUTION, "state": {"current": "SUCCESS", "duration": "PT1M0.012626S"}}
    assert end_line(longer, colour=False) == "Execution 4mVS of dev/hello: SUCCESS after 1m0.01s"


def test_only_final_states_are_an_end() -> None:
    assert has_ended(EXECUTION)
    assert not has_ended({"state": {"current": "RUNNING"}})
    assert not has_ended({})


def test_a_link_to_an_execution_is_its_id_and_its_flow() -> None:
    entry = {**ENTRY, "message": 'Created [[link execution="x1" flowId="child" namespace="dev.a"]] now'}
    assert log_line(entry, colour=False).endswith("  Created x1 (dev.a/child) now")


@pytest.mark.parametrize(
    ("given", "inputs", "said"),
    [
        (["name", "db.host"], {"name": "x", "db": {"host": None}, "day": None}, None),
        ([], {}, None),
        (["nam"], {"name": "x", "n": 1}, "Note: dev/hello took no input nam; its inputs are name, n."),
        (["db.port", "x"], {"db": {"host": 1}}, "Note: dev/hello took no inputs db.port, x; its inputs are db."),
        (["x", "x"], None, "Note: dev/hello took no input x; it has no inputs."),
        (["\x1b[2J"], {}, "Note: dev/hello took no input \\x1b[2J; it has no inputs."),
    ],
)
def test_an_input_that_the_flow_does_not_have_is_named_with_those_it_has(
    given: list[str], inputs: dict[str, object] | None, said: str | None
) -> None:
    started = {**EXECUTION, "inputs": inputs} if inputs is not None else EXECUTION
    assert not_taken(given, started) == said
