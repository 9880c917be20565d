"""ForEachItem: a file in batches, one child execution each.

It expands into three runs below its own: `_split`, `_items` and `_merge`.
"""

from __future__ import annotations

from collections.abc import Mapping

from flowctl.engine.executor.deciding.looping import number
from flowctl.engine.executor.expressions.rendering import Renderer
from flowctl.engine.executor.flowables.children import can_go_on, go_on, log_link, refused, start_child
from flowctl.engine.executor.lifecycle.launching import Refused
from flowctl.engine.executor.performer import Performer
from flowctl.engine.executor.records.definition import Node
from flowctl.engine.executor.records.flowsource import UnknownFlow
from flowctl.engine.executor.records.records import Execution, TaskRun
from flowctl.engine.executor.records.secretplaces import concealed
from flowctl.engine.executor.records.states import CANCELLED, FAILED, KILLED, RESTARTED, SUCCESS, WARNING
from flowctl.engine.executor.records.storage import SCHEME, NoSuchFile, task_folder
from flowctl.engine.executor.tasks.outcomes import Outcome, settle
from flowctl.engine.executor.tasks.run_context import TaskFiles, properties_of
from flowctl.engine.plugins.core.splitting import split_text
from flowctl.engine.store.tables import executions
from flowctl.language.expressions.formats.ion import write_ion
from flowctl.language.flags import is_off

LONGEST_LINE = 16 * 1024 * 1024
WORST = (FAILED, KILLED, WARNING)


def start_split(performer: Performer, node: Node, run: TaskRun, renderer: Renderer) -> None:
    """Cut the file into batches; the output `splits` is a file with their addresses."""
    turn = performer.turn
    turn.move(run, "SUBMITTED")
    turn.begin(run, turn.owner)
    properties = properties_of(node, renderer)
    source = properties.text("items") or ""
    if not source.startswith(SCHEME):
        for _ in range(2):
            turn.log(run, "ERROR", f"Unable to split the items from {source}, this is not an internal storage URI!")
        performer.fail(node, run)
        return
    files = TaskFiles(performer.services, performer.place(run))
    try:
        text = files.read(source).decode()
    except (NoSuchFile, UnicodeDecodeError) as error:
        turn.log(run, "ERROR", f"Unable to split the items from {source}: {error}")
        performer.fail(node, run)
        return
    pieces = split_text(text, properties.nested("batch"), rows=1) if text else []
    uris = [files.put(f"batch-{index}.txt", piece.encode()) for index, piece in enumerate(pieces)]
    splits = files.put("splits.txt", "".join(uri + "\n" for uri in uris).encode())
    settle(turn, node, run, Outcome(outputs={"splits": splits}))


def start_items(performer: Performer, node: Node, run: TaskRun, renderer: Renderer) -> None:
    """Have one child started per batch by the decisions to come; all at once."""
    turn = performer.turn
    splits = turn.execution.group(run.parent_id).latest[node.id.removesuffix("_items") + "_split", None]
    uris = TaskFiles(performer.services, performer.place(run)).read(str(splits.outputs["splits"])).decode().split()
    if not uris:
        turn.move(run, "RUNNING")
        turn.move(run, SUCCESS)
        return
    earlier = _earlier(performer, node, run) if run.state == RESTARTED else {}
    turn.begin(run, turn.owner)
    zero = dict.fromkeys(("started", "ended", "failed", "kept", "limit"), 0)
    run.memo.update(items=uris, count=len(uris), transmit=False, states={}, **zero)
    run.outputs = _outputs(performer, run, properties_of(node, renderer).flag("wait", True))
    try:
        for index in range(len(uris)):
            if not _taken_over(performer, run, earlier.get(index)):
                spawn(performer, node, run, index)
    except UnknownFlow as error:
        run.outputs = {}
        refused(performer, node, run, f"{error} with revision '0'", twice=True)
    except Refused as error:
        run.outputs = {}
        refused(performer, node, run, error.message, twice=error.kind == "disabled")
    else:
        run.memo.pop("items")
        run.outputs = _outputs(performer, run, properties_of(node, renderer).flag("wait", True))
        if not properties_of(node, renderer).flag("wait", True):
            run.memo["states"] = {SUCCESS: len(uris)}
            run.outputs = _outputs(performer, run, waits=False)
            turn.move(run, SUCCESS)


def _earlier(performer: Performer, node: Node, run: TaskRun) -> dict[int, Execution]:
    """The children of the attempts before, the last of each batch; none when `restartBehavior` wants new ones."""
    if node.properties.get("restartBehavior") == "NEW_EXECUTION":
        return {}
    id_ = performer.turn.execution.id
    found = performer.services.store.read(lambda connection: executions.awaited(connection, id_, run.id))
    return {batch: child for child in found if isinstance(batch := child.memo.get("batch"), int)}


def _taken_over(performer: Performer, run: TaskRun, child: Execution | None) -> bool:
    """Count a child that ended well, have one restarted that failed; False when the batch needs a new one."""
    if child is not None and child.state in (SUCCESS, WARNING, CANCELLED):
        states = run.memo["states"]
        assert isinstance(states, dict)
        run.memo["states"] = {**states, child.state: states.get(child.state, 0) + 1}
        run.memo["ended"] = number(run, "ended") + 1
        run.memo["kept"] = number(run, "kept") + bool(child.outputs)
    elif child is not None and can_go_on(performer, child):
        go_on(performer, run, child)
    else:
        return False
    run.memo["started"] = number(run, "started") + 1
    return True


def spawn(performer: Performer, node: Node, run: TaskRun, index: int) -> None:
    """Start the child of one batch; its inputs see `taskrun.items` and `taskrun.iteration`."""
    items = run.memo["items"]
    assert isinstance(items, list)
    renderer = performer.renderer(run)
    taskrun = renderer.variables["taskrun"]
    assert isinstance(taskrun, dict)
    variables = {**renderer.variables, "taskrun": {**taskrun, "items": items[index], "iteration": index}}
    child = start_child(performer, node, run, Renderer(variables, renderer.environment), index)
    log_link(performer, run, child)
    run.memo["started"] = number(run, "started") + 1


def _outputs(performer: Performer, run: TaskRun, waits: bool = True) -> dict[str, object]:
    states = run.memo["states"]
    assert isinstance(states, dict)
    place = performer.place(run)
    zero = {"CREATED": 0, "RUNNING": 0} if waits else {"RUNNING": 0}
    folder = task_folder(place.namespace, place.flow_id, place.execution_id, place.task_id, place.task_run_id)
    return {
        "iterations": {**zero, **states},
        "numberOfBatches": number(run, "count"),
        "subflowOutputsBaseUri": "/" + folder,
    }


def ended(performer: Performer, node: Node, run: TaskRun, event: Mapping[str, object]) -> None:
    """A batch has ended: count it, keep its outputs."""
    state = str(event["state"])
    states = run.memo["states"]
    assert isinstance(states, dict)
    run.memo["states"] = {**states, state: states.get(state, 0) + 1}
    run.memo["ended"] = number(run, "ended") + 1
    run.outputs = _outputs(performer, run)
    outputs = event.get("outputs")
    if outputs:
        line = write_ion(concealed(event.get("secrets"), outputs), LONGEST_LINE) + "\n"  # a file is not sealed
        TaskFiles(performer.services, performer.place(run)).put(f"outputs-{event.get('index', 0)}.ion", line.encode())
        run.memo["kept"] = number(run, "kept") + 1
    performer.turn.touch(run)


def end_state(node: Node, run: TaskRun) -> str:
    """The state of `_items` over all batches."""
    states = run.memo["states"]
    assert isinstance(states, dict)
    if is_off(node.properties.get("transmitFailed")):
        return SUCCESS
    return next((state for state in WORST if states.get(state)), SUCCESS)


def start_merge(performer: Performer, node: Node, run: TaskRun, renderer: Renderer) -> None:
    """Join the outputs of all batches, one line each; no output unless every batch has some."""
    turn = performer.turn
    turn.move(run, "SUBMITTED")
    turn.begin(run, turn.owner)
    items = turn.execution.group(run.parent_id).latest[node.id.removesuffix("_merge") + "_items", None]
    outputs: dict[str, object] = {}
    count = number(items, "count")
    if count and number(items, "kept") == count:
        base = SCHEME + str(items.outputs["subflowOutputsBaseUri"])
        storage = performer.services.storage
        data = b"".join(storage.existing(f"{base}/outputs-{index}.ion").read_bytes() for index in range(count))
        outputs["subflowOutputs"] = TaskFiles(performer.services, performer.place(run)).put("outputs.ion", data)
    settle(turn, node, run, Outcome(outputs=outputs))
