from __future__ import annotations

from flowctl.cli.operating.rows import execution_row, task_rows, trigger_row, value_rows
from flowctl.cli.operating.tables import table

STATE = {"current": "SUCCESS", "startDate": "2026-03-02T10:00:00.123Z", "duration": "PT1.5S"}


def test_an_execution_with_nested_task_runs() -> None:
    execution = {
        "id": "E",
        "namespace": "a.b",
        "flowId": "f",
        "flowRevision": 3,
        "state": STATE,
        "taskRunList": [
            {"id": "1", "taskId": "outer", "state": STATE, "attempts": [{}]},
            {"id": "2", "taskId": "inner", "parentTaskRunId": "1", "value": "x", "state": STATE},
        ],
    }
    assert table([execution_row(execution)], ("id", "flow", "revision", "state", "started", "took")) == (
        "ID  FLOW   REVISION  STATE    STARTED (UTC)        TOOK\n"
        "E   a.b/f  3         SUCCESS  2026-03-02 10:00:00  1.5s"
    )
    assert [(row["task"], row["value"], row["attempts"]) for row in task_rows(execution)] == [
        ("outer", None, 1),
        ("  inner", "x", 0),
    ]


def test_task_runs_stand_below_their_own_parents() -> None:
    listed = [("a", None), ("b", None), ("a1", "a"), ("b1", "b"), ("a2", "a"), ("alone", "gone"), ("b11", "b1")]
    runs = [{"id": id_, "taskId": id_, "parentTaskRunId": parent, "state": STATE} for id_, parent in listed]
    assert [row["task"] for row in task_rows({"taskRunList": runs})] == [
        "a",
        "  a1",
        "  a2",
        "b",
        "  b1",
        "    b11",
        "alone",
    ]


def test_inputs_and_outputs_are_a_row_each() -> None:
    execution = {"inputs": {"day": "2026-03-02", "regions": ["eu", "us"], "none": None}, "outputs": None}
    assert table(value_rows(execution, "inputs"), ("input", "value")) == (
        'INPUT    VALUE\nday      2026-03-02\nregions  ["eu", "us"]\nnone     null'
    )
    assert value_rows(execution, "outputs") == []


def test_triggers_of_both_generations_give_the_same_row() -> None:
    key = {"namespace": "a", "flowId": "f", "triggerId": "t", "disabled": True}
    text = {"id": "t", "type": "io.kestra.plugin.core.trigger.Schedule"}
    date = "2026-03-02T10:00:00Z"
    modern = trigger_row({"trigger": text, "state": {**key, "nextEvaluationDate": date}})
    older = trigger_row({"abstractTrigger": text, "triggerContext": {**key, "nextExecutionDate": date}})
    assert modern == older
    assert modern == {
        "flow": "a/f",
        "trigger": "t",
        "type": "Schedule",
        "disabled": True,
        "next": date,
        "last": None,
        "backfill": None,
        "paused": None,
    }
    held = {**key, "backfill": {"currentDate": date, "paused": True}}
    assert trigger_row({"trigger": text, "state": held})["paused"] is True


def test_the_last_date_of_a_trigger_is_the_one_that_fired_where_the_server_tells() -> None:
    date = "2026-03-02T10:00:00Z"
    assert trigger_row({"abstractTrigger": {}, "triggerContext": {"date": date}})["last"] == date
    both = {"trigger": {}, "state": {}, "abstractTrigger": {}, "triggerContext": {"date": date}}
    assert trigger_row(both)["last"] is None


def test_cells_say_nothing_yes_and_no() -> None:
    assert table([{"a": None, "b": True}, {"a": "", "b": False}], ("a", "b")) == "A  B\n-  yes\n-  no"


def test_a_cell_is_one_line_that_a_terminal_can_show() -> None:
    assert table([{"a": "two\nlines \x1b[31m"}], ("a",)) == "A\ntwo\\nlines \\x1b[31m"
    assert table([{"a": "x" * 5000}], ("a",)) == "A\n" + "x" * 240 + "... (5000 characters, --json has them)"


def test_dates_are_shown_in_utc_whatever_clock_a_server_tells_them_by() -> None:
    rows = [
        {"flow": "a/f", "next": "2026-03-02T11:30:00.123456789+01:00"},
        {"flow": "a/g", "next": "2026-03-02T10:30:00Z"},
        {"flow": "a/h", "next": "soon"},
        {"flow": "a/i", "next": None},
    ]
    assert table(rows, ("flow", "next")) == (
        "FLOW  NEXT (UTC)\na/f   2026-03-02 10:30:00\na/g   2026-03-02 10:30:00\na/h   soon\na/i   -"
    )
