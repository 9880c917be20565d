from __future__ import annotations

from flowctl.cli.operating.rows import execution_row, task_rows, trigger_row
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
        "ID  FLOW   REVISION  STATE    STARTED              TOOK\n"
        "E   a.b/f  3         SUCCESS  2026-03-02 10:00:00  1.5s"
    )
    assert [(row["task"], row["value"], row["attempts"]) for row in task_rows(execution)] == [
        ("outer", None, 1),
        ("  inner", "x", 0),
    ]


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
        "next": "2026-03-02 10:00:00",
        "last": None,
        "backfill": None,
    }


def test_cells_say_nothing_yes_and_no() -> None:
    assert table([{"a": None, "b": True}, {"a": "", "b": False}], ("a", "b")) == "A  B\n-  yes\n-  no"
