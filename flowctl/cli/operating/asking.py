"""Which inputs a flow or a pause on the server asks for, and which of those given it does not."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import TYPE_CHECKING

from flowctl.cli.executions.texts import not_asked_for
from flowctl.errors import ServerRefused
from flowctl.model.keys import FlowKey

if TYPE_CHECKING:
    from flowctl.cli.operating.calls import Calls, Row

WAITING = "PAUSED"
ASKED_BY = {"Pause": "onResume", "Approval": "inputs"}
"""Tasks that ask when their execution is resumed, by the last part of their types, and where they say for what."""


def not_asked_by_flow(calls: Calls, flow: FlowKey, given: Iterable[str]) -> str | None:
    """Which of the inputs given a flow does not have; None when it has them all, or the server does not show it."""
    given = tuple(given)
    document = _flow(calls, flow) if given else None
    return None if document is None else not_asked_for(str(flow), given, declared(document.get("inputs")))


def not_asked_by_pause(calls: Calls, execution: Row, given: Iterable[str]) -> str | None:
    """Which of the inputs given what a paused execution waits at does not ask for; None when it asks for them all, or
    the server does not show it."""
    given, key = tuple(given), FlowKey(str(execution.get("namespace")), str(execution.get("flowId")))
    runs = execution.get("taskRunList")
    waiting = [run.get("taskId") for run in runs if _waits(run)] if isinstance(runs, list) else []
    document = _flow(calls, key, execution.get("flowRevision")) if given and waiting else None
    if document is None:
        return None
    for task in _tasks(document):
        kind = str(task["type"]).rpartition(".")[2]
        if task["id"] == waiting[0] and kind in ASKED_BY:
            return not_asked_for(f"task {waiting[0]} of {key}", given, declared(task.get(ASKED_BY[kind])))
    return None


def declared(inputs: object) -> tuple[str, ...]:
    """The names of inputs as they are given on the command line; those of a form below its own."""
    found: list[str] = []
    for item in inputs if isinstance(inputs, list) else ():
        if not isinstance(item, Mapping) or item.get("id") is None:
            continue
        inner = declared(item.get("inputs"))
        found += [f"{item['id']}.{name}" for name in inner] if inner else [str(item["id"])]
    return tuple(found)


def _flow(calls: Calls, flow: FlowKey, revision: object = None) -> Row | None:
    query = [("revision", str(revision))] if revision is not None else []
    try:
        return calls.ask("GET", f"/flows/{flow.namespace}/{flow.id}", query).mapping()
    except ServerRefused:
        return None  # a note is not worth a failure


def _waits(run: object) -> bool:
    state = run.get("state") if isinstance(run, Mapping) else None
    return isinstance(state, Mapping) and state.get("current") == WAITING


def _tasks(value: object) -> Iterator[Mapping[str, object]]:
    """Whatever has an id and a type, however deep."""
    if isinstance(value, Mapping):
        if "id" in value and "type" in value:
            yield value
        for inner in value.values():
            yield from _tasks(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from _tasks(inner)
