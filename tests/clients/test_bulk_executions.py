"""kestrapy's bulk operations over executions against the bundled server, by ids and by query."""

from __future__ import annotations

from typing import Any

import pytest
from kestrapy import KestraClient
from kestrapy.exceptions import BadRequestException
from kestrapy.models.execution_controller_set_labels_by_ids_request import ExecutionControllerSetLabelsByIdsRequest
from kestrapy.models.label import Label
from kestrapy.models.state_type import StateType

from tests.clients.talking import MAIN, ended, reached, source, state_of, where

NS = "many.a"
SLEEP = "  - {id: rest, type: io.kestra.plugin.core.flow.Sleep, duration: PT2M}\n"
QUEUE = "concurrency: {limit: 1, behavior: QUEUE}\n"
FLOWS = {
    "good": source("good", NS),
    "bad": source("bad", NS, "  - {id: fail, type: io.kestra.plugin.core.execution.Fail}\n"),
    "rest": source("rest", NS, SLEEP),
    "wait": source("wait", NS, "  - {id: wait, type: io.kestra.plugin.core.flow.Pause}\n"),
    "queue": source("queue", NS, SLEEP, QUEUE),
}


@pytest.fixture(scope="module")
def filled(client: KestraClient) -> KestraClient:
    """A flow for each state that an execution can rest in."""
    for text in FLOWS.values():
        client.flows.create_flow(MAIN, text)
    return client


@pytest.fixture(params=["ids", "query"])
def how(request: pytest.FixtureRequest) -> str:
    """How executions are chosen."""
    return str(request.param)


def started(client: KestraClient, flow: str, count: int, state: str, mark: str) -> list[str]:
    """Executions in a state, with a label to find them by."""
    ids = [client.executions.create_execution(MAIN, NS, flow, labels=[f"mark:{mark}"]).id for _ in range(count)]
    assert [reached(client, id_, state) for id_ in ids] == [state] * count
    return ids


def ask(client: KestraClient, how: str, name: str, ids: list[str], mark: str, **values: object) -> Any:
    """A bulk operation over executions, by their ids or by their label."""
    if how == "ids":
        return getattr(client.executions, f"{name}_by_ids")(MAIN, ids=ids, **values)
    return getattr(client.executions, f"{name}_by_query")(MAIN, filters=where("labels", {"mark": mark}), **values)


def states(client: KestraClient, ids: list[str]) -> list[str]:
    return [state_of(client.executions.execution(id_, MAIN)) for id_ in ids]


def test_failed_ones_are_restarted(filled: KestraClient, how: str) -> None:
    ids = started(filled, "bad", 2, "FAILED", f"restart-{how}")
    assert ask(filled, how, "restart_executions", ids, f"restart-{how}")["totalItems"] == 2
    assert [ended(filled, id_) for id_ in ids] == ["FAILED"] * 2
    assert len(filled.executions.execution(ids[0], MAIN).task_run_list[0].attempts) == 2


def test_ended_ones_are_replayed_with_the_newest_revision(filled: KestraClient, how: str) -> None:
    mark = f"replay-{how}"
    ids = started(filled, "good", 2, "SUCCESS", mark)
    text = filled.flows.flow(NS, "good", MAIN, source=True).source
    newest = filled.flows.update_flow(NS, "good", MAIN, f"{text}# {mark}\n").revision
    assert ask(filled, how, "replay_executions", ids, mark, latest_revision=True)["totalItems"] == 2
    assert ask(filled, "ids", "replay_executions", ids, mark)["totalItems"] == 2
    found = filled.executions.search_executions(MAIN, size=100, filters=where("parentId", ids[0]))
    revisions = sorted(row["flowRevision"] for row in found["results"])
    assert revisions == [newest - 1, newest]


def test_running_ones_are_paused_resumed_and_killed(filled: KestraClient, how: str) -> None:
    mark = f"pause-{how}"
    ids = started(filled, "rest", 2, "RUNNING", mark)
    for name, state in (("pause_executions", "PAUSED"), ("resume_executions", "RUNNING")):
        assert ask(filled, how, name, ids, mark)["totalItems"] == 2
        assert [reached(filled, id_, state) for id_ in ids] == [state] * 2
    assert ask(filled, how, "kill_executions", ids, mark)["totalItems"] == 2
    assert [ended(filled, id_) for id_ in ids] == ["KILLED"] * 2


def test_waiting_ones_go_on(filled: KestraClient, how: str) -> None:
    mark = f"wait-{how}"
    ids = started(filled, "wait", 2, "PAUSED", mark)
    assert ask(filled, how, "resume_executions", ids, mark)["totalItems"] == 2
    assert [ended(filled, id_) for id_ in ids] == ["SUCCESS"] * 2


def test_ended_ones_get_another_status(filled: KestraClient, how: str) -> None:
    mark = f"status-{how}"
    ids = started(filled, "good", 2, "SUCCESS", mark)
    changed = ask(filled, how, "update_executions_status", ids, mark, new_status=StateType.WARNING)
    assert (changed["totalItems"], states(filled, ids)) == (2, ["WARNING"] * 2)


def test_ended_ones_get_labels_beside_those_they_have(filled: KestraClient, how: str) -> None:
    mark = f"labels-{how}"
    ids, labels = started(filled, "good", 2, "SUCCESS", mark), [Label(key="new", value="one")]
    executions = filled.executions
    if how == "ids":
        asked = ExecutionControllerSetLabelsByIdsRequest(executionsId=ids, executionLabels=labels)
        assert executions.set_labels_on_terminated_executions_by_ids(MAIN, asked)["totalItems"] == 2
    else:
        by_mark = where("labels", {"mark": mark})
        assert executions.set_labels_on_terminated_executions_by_query(MAIN, labels, by_mark)["totalItems"] == 2
    found = {(label.key, label.value) for label in executions.execution(ids[1], MAIN).labels}
    assert {("new", "one"), ("mark", mark), ("team", "data")} <= found


def test_queued_ones_are_let_go(filled: KestraClient, how: str) -> None:
    mark = f"queue-{how}"
    (first,) = started(filled, "queue", 1, "RUNNING", f"first-{how}")
    freed = started(filled, "queue", 2, "QUEUED", mark)
    forced = started(filled, "queue", 2, "QUEUED", f"force-{how}")
    state = {"state" if how == "ids" else "new_state": StateType.RUNNING}
    assert ask(filled, how, "unqueue_executions", freed, mark, **state)["totalItems"] == 2
    name = "force_run" if how == "ids" else "force_run_executions"
    assert ask(filled, how, name, forced, f"force-{how}")["totalItems"] == 2
    assert [reached(filled, id_, "RUNNING") for id_ in freed + forced] == ["RUNNING"] * 4
    assert ask(filled, "ids", "kill_executions", [first, *freed, *forced], "")["totalItems"] == 5
    assert [ended(filled, id_) for id_ in [first, *freed, *forced]] == ["KILLED"] * 5


def test_running_ones_are_deleted_only_when_asked_for(filled: KestraClient, how: str) -> None:
    mark = f"delete-{how}"
    ids = started(filled, "rest", 1, "RUNNING", mark) + started(filled, "good", 1, "SUCCESS", mark)
    if how == "ids":
        with pytest.raises(BadRequestException):
            filled.executions.delete_executions_by_ids(MAIN, ids)
    else:
        assert ask(filled, how, "delete_executions", ids, mark)["count"] == 1
        ids = ids[:1]
    every = {"include_non_terminated": True, "delete_logs": True, "delete_metrics": True, "delete_storage": True}
    found = ask(filled, how, "delete_executions", ids, mark, **every)
    assert (found["count"] if how == "query" else found.count) == len(ids)
    assert filled.executions.search_executions(MAIN, filters=where("labels", {"mark": mark}))["total"] == 0


@pytest.mark.parametrize("name", ["restart_executions", "resume_executions", "pause_executions", "kill_executions"])
def test_by_ids_nothing_is_done_when_one_does_not_fit(filled: KestraClient, name: str) -> None:
    ids = started(filled, "good", 1, "SUCCESS", "misfit")
    for odd in (ids, ["nope"]):
        with pytest.raises(BadRequestException) as refused:
            ask(filled, "ids", name, odd, "")
        assert odd[0] in str(refused.value.body)
    assert states(filled, ids) == ["SUCCESS"]
