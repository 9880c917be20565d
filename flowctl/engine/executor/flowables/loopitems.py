"""The items of a Loop, and its iterations as executions."""

from __future__ import annotations

from flowctl.engine.executor.deciding.looping import attempt_began, number
from flowctl.engine.executor.expressions.rendering import ExpressionError, Renderer
from flowctl.engine.executor.flowables.children import link
from flowctl.engine.executor.flowables.loopvalues import Item, items_of_literal, items_of_rows, items_of_text
from flowctl.engine.executor.performer import Performer
from flowctl.engine.executor.records.definition import Node
from flowctl.engine.executor.records.identifiers import new_id
from flowctl.engine.executor.records.records import Execution, TaskRun
from flowctl.engine.executor.records.states import CANCELLED, FAILED, KILLED, KILLING
from flowctl.engine.executor.records.storage import SCHEME, NoSuchFile
from flowctl.engine.plugins.properties import BadProperty, Properties
from flowctl.engine.store.tables import executions, steps
from flowctl.language.flags import is_off


def start(performer: Performer, node: Node, run: TaskRun, renderer: Renderer) -> None:
    """Evaluate the items once; they are kept beside the run, in memory and in its store row."""
    try:
        items, offset = loop_items(performer, node.properties.get("values"), renderer)
    except (ValueError, ExpressionError) as error:
        performer.turn.log(run, "ERROR", f"Failed to process flowable task {run.id}: {error}")
        from flowctl.engine.executor.records.states import FAILED

        performer.turn.move(run, FAILED)
        return
    limit = Properties(node.properties, renderer).integer("concurrencyLimit", 1)
    turn = performer.turn
    performer.live.items[run.id] = items
    turn.extra.append(lambda connection: executions.put_items(connection, turn.execution, run.id, items))
    for name in ("broke", "unsound", "offset"):  # of an attempt before a restart
        run.memo.pop(name, None)
    run.memo.update(
        count=len(items),
        started=0,
        ended=0,
        failed=0,
        limit=limit,
        transmit=not is_off(node.properties.get("transmitFailed")),
    )
    if offset is not None:
        run.memo["offset"] = offset
    run.outputs = counters(run)
    if items:
        performer.turn.begin(run, None)
    else:
        performer.turn.move(run, "RUNNING")


def counters(run: TaskRun) -> dict[str, object]:
    """The outputs that a Loop always has."""
    found: dict[str, object] = {
        "iterationCount": number(run, "count"),
        "runningIterations": number(run, "started") - number(run, "ended"),
        "terminatedIterations": number(run, "ended"),
    }
    if run.memo.get("transmit") is False:
        found["runningIterations"] = number(run, "started") - number(run, "ended") - number(run, "failed")
        found["terminatedIterations"] = number(run, "ended") + number(run, "failed")
    if "offset" in run.memo:
        found["nextOffset"] = run.memo["offset"]
    return found


def loop_items(performer: Performer, source: object, renderer: Renderer) -> tuple[list[Item], int | None]:
    """Keys and values of the items, duplicates dropped; for a file one per row, and the offset behind its last row.

    Raises:
        BadProperty: they are neither list, map nor address, or hold what no item can be; or there is no such file
            of text.
    """
    if not isinstance(source, str):
        return items_of_literal(source, renderer), None
    text = renderer.text(source)
    if text.startswith(SCHEME):
        rows = items_of_rows(_text(performer, text), renderer)
        return rows, len(rows)
    return items_of_text(text, renderer), None


def _text(performer: Performer, uri: str) -> str:
    try:
        return performer.services.storage.existing(uri).read_bytes().decode()
    except NoSuchFile as error:
        raise BadProperty(str(error)) from None
    except UnicodeDecodeError:
        raise BadProperty(f"{uri} is not UTF-8 text") from None


def spawn(performer: Performer, run: TaskRun, index: int) -> None:
    """Start one iteration, in the transaction of the turn."""
    turn = performer.turn
    parent = turn.execution
    key, value = _items_of(performer, run)[index]
    child = Execution(
        id=new_id(),
        namespace=parent.namespace,
        flow_id=parent.flow_id,
        revision=parent.revision,
        history=[("CREATED", turn.clock())],
        labels=list(parent.labels),
        kind="LOOP",
        parent_id=parent.id,
        original_id=parent.original_id,
        waiter=(parent.id, run.id),
        loop_run={"taskId": run.task_id, "taskRunId": run.id, "index": index, "value": value}
        | ({"key": key} if key is not None else {}),
        attempt_number=parent.attempt_number,
        original_created=parent.original_created,
        sealed=parent.sealed,
    )
    run.memo["started"] = number(run, "started") + 1
    run.outputs = counters(run)
    turn.touch(run)
    turn.extra.append(lambda connection: _insert(connection, child))
    turn.born.append(child)


def _items_of(performer: Performer, run: TaskRun) -> list[Item]:
    """From memory, or after a restart from the store."""
    held = performer.live.items.get(run.id)
    if held is None:
        id_ = performer.turn.execution.id
        held = performer.services.store.read(lambda connection: executions.items(connection, id_, run.id))
        performer.live.items[run.id] = held
    return held


def _insert(connection: object, child: Execution) -> None:
    import sqlite3

    assert isinstance(connection, sqlite3.Connection)
    executions.insert(connection, child)
    steps.advance(connection, child.id)


def ended(performer: Performer, node: Node, run: TaskRun, event: dict[str, object]) -> None:
    """An iteration has ended: count it, unless it is a late one of an attempt before a restart."""
    created = event.get("created")
    if isinstance(created, int) and created < attempt_began(run):
        return
    state = str(event["state"])
    name = "failed" if state == FAILED else "ended"  # one that was killed fails no Loop (seen on a real 2.0)
    run.memo[name] = number(run, name) + 1
    run.outputs = counters(run)
    if state in (CANCELLED, FAILED, KILLED) and run.memo.get("transmit") is not False:
        _log_end(performer, run, str(event["child"]), state)
    condition = node.properties.get("breakWhen")
    if condition is not None and state != KILLED and not run.memo.get("broke"):
        _break_when(performer, run, str(condition), event)
    performer.turn.touch(run)


def _log_end(performer: Performer, run: TaskRun, id_: str, state: str) -> None:
    """Say where to read why an iteration did not go well (seen on a real 2.0), unless all are being killed."""
    execution = performer.turn.execution
    child = performer.services.store.read(lambda connection: executions.read(connection, id_))
    if child is None or child.loop_run is None or execution.state == KILLING:
        return
    where = f"iteration {child.loop_run['index']} ended in {state} in sub-execution "
    where += link(id_, execution.flow_id, execution.namespace)
    performer.turn.log(run, "ERROR", f"Loop {where}, check that execution's logs for details")


def _break_when(performer: Performer, run: TaskRun, condition: str, event: dict[str, object]) -> None:
    """After an iteration: when the condition holds no further one is started; those that run are waited for.

    It sees `item` and `iteration` (`executionId`, `state`, `outputs`). One that cannot be evaluated fails the Loop.
    """
    id_ = str(event["child"])
    child = performer.services.store.read(lambda connection: executions.read(connection, id_))
    place = child.loop_run or {} if child is not None else {}
    item = {name: place[name] for name in ("value", "index", "key") if place.get(name) is not None}
    iteration = {"executionId": id_, "state": event["state"], "outputs": event.get("outputs") or {}}
    try:
        held = performer.renderer(run).truthy(condition, {"item": item, "iteration": iteration})
    except ExpressionError as error:
        performer.turn.log(run, "ERROR", f"Failed to evaluate breakWhen. Cause: {error}")
        held = True
        run.memo["unsound"] = True
    run.memo["broke"] = held
