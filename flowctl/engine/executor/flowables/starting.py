"""Starting task runs: `runIf`, then by shape; expressions of groups are evaluated here and remembered."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from flowctl.engine.executor.deciding.shapes import PAUSE_ENDS
from flowctl.engine.executor.expressions.rendering import ExpressionError, Renderer
from flowctl.engine.executor.flowables import approving, batches, directories, eachitems, loopitems, subflows
from flowctl.engine.executor.lifecycle.breakpoints import stops_before
from flowctl.engine.executor.performer import Performer
from flowctl.engine.executor.records.definition import Node
from flowctl.engine.executor.records.durations import iso, micros, rendered_micros
from flowctl.engine.executor.records.identifiers import new_id
from flowctl.engine.executor.records.records import Attempt, TaskRun
from flowctl.engine.executor.records.states import BREAKPOINT, CREATED, FAILED, PAUSED, RETRYING, SKIPPED, tolerate
from flowctl.engine.executor.tasks.taskwork import begin_task, submit
from flowctl.engine.plugins.properties import BadProperty, Properties

UNRESOLVED = ("Unable to resolve outputs from the Flowable task: ", "Unable to resolve state from the Flowable task: ")


def create(
    performer: Performer, node: Node, parent: TaskRun | None, value: str | None = None, iteration: int | None = None
) -> None:
    """A new run, started at once. `value` names the item of an each-task."""
    texts = parent.memo.get("texts") if parent is not None else None
    text = texts.get(value) if isinstance(texts, dict) and value is not None else None
    run = TaskRun(
        id=new_id(),
        task_id=node.id,
        parent_id=parent.id if parent else None,
        history=[("CREATED", performer.turn.clock())],
        value=value if text is None else text,
        iteration=iteration,
        memo={} if text is None else {"item": value},
    )
    performer.turn.add(run)
    _start(performer, node, run)


def start(performer: Performer, run: TaskRun) -> None:
    """Start a run that waits for it."""
    if not run.terminal and performer.turn.execution.memo.get("exit") is None:
        _start(performer, performer.node(run), run)


def _start(performer: Performer, node: Node, run: TaskRun) -> None:
    """Start a run that is CREATED, RESTARTED or whose retry is due."""
    turn = performer.turn
    if stops_before(turn.execution, run):
        turn.move(run, BREAKPOINT)
        return
    if run.state == RETRYING:
        run.memo.pop("retry_at", None)
        turn.move(run, CREATED)
    renderer = performer.renderer(run)
    if not _wanted(performer, node, run, renderer):
        return
    try:
        STARTS.get(node.shape, _group)(performer, node, run, renderer)
    except (ExpressionError, BadProperty, ValueError) as error:
        _unresolved(performer, node, run, str(error))


def _unresolved(performer: Performer, node: Node, run: TaskRun, message: str) -> None:
    turn = performer.turn
    if not run.attempts:
        turn.begin(run, None)
    for prefix in UNRESOLVED if node.shape in ("if", "switch") else UNRESOLVED[1:]:
        turn.log(run, "ERROR", prefix + message)
    performer.fail(node, run, tolerable=False)


def _wanted(performer: Performer, node: Node, run: TaskRun, renderer: Renderer) -> bool:
    condition = node.properties.get("runIf")
    if condition is None:
        return True
    try:
        if renderer.truthy(condition):
            return True
    except ExpressionError as error:
        message = f"Failed to evaluate the runIf condition for task {node.id}. Cause: {error}"
        performer.turn.log(run, "ERROR", message)
        performer.turn.move(run, FAILED)
        return False
    now = performer.turn.clock()
    run.attempts.append(Attempt([(CREATED, now)]))
    performer.turn.move(run, SKIPPED)
    return False


def _group(performer: Performer, node: Node, run: TaskRun, renderer: Renderer) -> None:
    performer.turn.begin(run, None)


def _parallel(performer: Performer, node: Node, run: TaskRun, renderer: Renderer) -> None:
    limit = node.properties.get("concurrent")
    run.memo["concurrent"] = _integer("concurrent", limit, renderer)
    performer.turn.begin(run, None)


def _integer(name: str, value: object, renderer: Renderer, default: int | None = 0) -> int | None:
    found = Properties({name: value}, renderer).integer(name)
    return default if found is None else found


def _if(performer: Performer, node: Node, run: TaskRun, renderer: Renderer) -> None:
    truth = renderer.truthy(node.properties.get("condition", ""))
    run.memo["branch"] = truth
    run.outputs = {"evaluationResult": truth}
    performer.turn.begin(run, None)


def _switch(performer: Performer, node: Node, run: TaskRun, renderer: Renderer) -> None:
    turn = performer.turn
    value = node.properties.get("value")
    text = renderer.text(value) if isinstance(value, str) else renderer.printed(value)
    known = text in node.cases
    run.memo["branch"] = text if known else None
    run.outputs = {"value": text, "defaults": not known}
    turn.begin(run, None)
    if not known and "defaults" not in node.lists:
        turn.log(run, "WARN", no_task_found(performer, node))
        turn.move(run, tolerate(FAILED, node.allow_failure, node.allow_warning))


def no_task_found(performer: Performer, node: Node) -> str:
    """The warning of a Switch without a matching case."""
    execution = performer.turn.execution
    flow = f"{execution.namespace}.{execution.flow_id}"
    return f"No task found on flow '{flow}', task '{node.id}', execution '{execution.id}'"


def _sleep(performer: Performer, node: Node, run: TaskRun, renderer: Renderer) -> None:
    turn = performer.turn
    submit(performer, node, run)
    turn.begin(run, turn.owner)
    try:
        text = renderer.text(str(node.properties.get("duration", "")))
        length = rendered_micros(text) or micros(text)
        if length <= 0 and performer.services.dialect == "2.0":
            raise ValueError(f"`duration` must be above zero, but is {text}")
        performer.limit(node, run, renderer)
    except (ExpressionError, ValueError) as error:
        turn.log(run, "ERROR", str(error))
        performer.fail(node, run)
        return
    run.memo["until"] = turn.clock() + length
    turn.log(run, "INFO", f"Waiting for {iso(length)}", "worker")


def _pause(performer: Performer, node: Node, run: TaskRun, renderer: Renderer) -> None:
    turn = performer.turn
    now = turn.clock()
    turn.begin(run, None)
    length = node.properties.get("pauseDuration", node.properties.get("delay"))
    if length is not None:
        span = rendered_micros(renderer.text(str(length)))
        if span is not None and span <= 0:
            raise ValueError(f"`pauseDuration` must be above zero, but is {iso(span)}")
        run.memo.update({} if span is None else {"until": now + span})
    if node.properties.get("timeout") is not None:
        longest = rendered_micros(renderer.text(str(node.properties["timeout"])))
        run.memo.update({} if longest is None else {"timeout_at": now + longest})
    run.memo["behavior"] = _behavior(renderer.text(str(node.properties.get("behavior") or "RESUME")))
    turn.move(run, PAUSED)
    for first in node.lists.get("onPause", ()):
        create(performer, first, None)


def _behavior(name: str) -> str:
    """How a Pause ends when its time is over.

    Raises:
        ValueError: there is no such behavior.
    """
    if name not in PAUSE_ENDS:
        raise ValueError(f"`behavior` is {name!r}, none of {', '.join(PAUSE_ENDS)}")
    return name


def _until(performer: Performer, node: Node, run: TaskRun, renderer: Renderer) -> None:
    frequency = node.properties.get("checkFrequency")
    rules: Mapping[str, object] = frequency if isinstance(frequency, dict) else {}
    old = node.old_name and performer.services.dialect != "2.0"
    run.memo["most"] = _integer("maxIterations", rules.get("maxIterations"), renderer, 100 if old else None)
    run.memo["interval"] = _span(rules.get("interval"), renderer, "PT1S" if old else "PT1M")
    longest = rules.get("maxDuration", "PT1H" if old else None)
    run.memo["longest"] = None if longest is None else _span(longest, renderer, "")
    run.memo["began"] = performer.turn.clock()
    run.outputs = {"iterationCount": 1}
    performer.turn.begin(run, None)


def _span(value: object, renderer: Renderer, default: str) -> int:
    """Microseconds.

    Raises:
        ValueError: it is no duration, or is not above zero.
    """
    text = default if value is None else renderer.text(str(value))
    span = rendered_micros(text)
    if span is None or span <= 0:
        raise ValueError(f"a duration above zero is wanted, not `{text}`")
    return span


STARTS: dict[str, Callable[[Performer, Node, TaskRun, Renderer], None]] = {
    "task": begin_task,
    "parallel": _parallel,
    "dag": _parallel,
    "if": _if,
    "switch": _switch,
    "sleep": _sleep,
    "pause": _pause,
    "approval": approving.start,
    "until": _until,
    "directory": directories.start,
    "loop": loopitems.start,
    "each": eachitems.start,
    "subflow": subflows.start,
    "items_split": batches.start_split,
    "items_items": batches.start_items,
    "items_merge": batches.start_merge,
}
