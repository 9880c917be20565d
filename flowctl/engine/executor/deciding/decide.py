"""The heart of the executor: what comes next for one execution, as a pure function.

`decide` looks at a compiled flow and at the records of one execution; it evaluates no expression, reads no clock and
changes nothing. Expressions are evaluated when a run starts and remembered in its `memo` or outputs, so that the
same records always give the same decision.
"""

from __future__ import annotations

from flowctl.engine.executor.deciding import shapes
from flowctl.engine.executor.deciding.decision import Decision, NewRun
from flowctl.engine.executor.deciding.scopes import Scope, active, next_in_sequence, outcome
from flowctl.engine.executor.deciding.walk import Walk
from flowctl.engine.executor.records.definition import Definition, Node
from flowctl.engine.executor.records.records import Execution, TaskRun, working
from flowctl.engine.executor.records.states import (
    BREAKPOINT,
    CREATED,
    KILLED,
    KILLING,
    PAUSED,
    QUEUED,
    RESTARTED,
    RETRYING,
    RUNNING,
    SUBMITTED,
)


def decide(definition: Definition, execution: Execution, now: int) -> Decision:
    """What has to happen next. `now` in microseconds. An empty decision: wait for an event, or for `wake`."""
    decision = Decision()
    if execution.terminal:
        _after(definition, execution, now, decision)
    elif execution.state == KILLING:
        _kill(execution, decision)
    elif execution.state == QUEUED:
        pass
    elif execution.state == CREATED and execution.schedule_date is not None:
        if execution.schedule_date > now:
            decision.wake_at(execution.schedule_date)
        else:
            decision.admit = True
    elif execution.state in (CREATED, RESTARTED):
        decision.state = RUNNING
    elif execution.memo.get("paused"):
        shapes.held(_walk(definition, execution, now, decision))
    else:
        _go_on(_walk(definition, execution, now, decision))
    return decision


def root_scope(definition: Definition, execution: Execution) -> Scope:
    """The lists that the execution itself works on: the flow's, or for an iteration its Loop's."""
    group = execution.group(None)
    if execution.loop_run is not None:
        node = definition.nodes[str(execution.loop_run["taskId"])]
        return Scope(group, node.tasks, node.lists.get("errors", ()), node.lists.get("finally", ()))
    return Scope(group, definition.tasks, definition.errors, definition.finally_)


def _after(definition: Definition, execution: Execution, now: int, decision: Decision) -> None:
    """Tasks of listeners, then of `afterExecution`, once the execution has its final state (order seen on a 1.3)."""
    after = (*_heard(definition, execution), *definition.after)
    if not after or execution.loop_run is not None or execution.memo.get("no_after"):
        return
    scope = Scope(execution.group(None), after)
    _walk(definition, execution, now, decision).open_runs(execution.group(None))
    for node in next_in_sequence(scope, after):
        decision.create.append(NewRun(node, None))


def _heard(definition: Definition, execution: Execution) -> tuple[Node, ...]:
    """The tasks of the (older) listeners whose conditions held when the execution ended."""
    heard = execution.memo.get("heard")
    numbers = heard if isinstance(heard, list) else []
    return tuple(node for number in numbers for node in definition.listeners[number])


def _kill(execution: Execution, decision: Decision) -> None:
    """End what has not begun, interrupt what runs; when nothing is open any more the execution is KILLED."""
    waiting = False
    for run in reversed(list(execution.runs.values())):
        if run.terminal:
            continue
        if run.state in (RUNNING, SUBMITTED, KILLING) and working(run):
            waiting = True
            if not run.memo.get("interrupted"):
                decision.interrupt.append(run)
        elif not _open_below(execution, run):
            decision.close.append((run, KILLED))
        else:
            waiting = True
    if not waiting and not decision.interrupt:
        decision.end = KILLED


def _open_below(execution: Execution, run: TaskRun) -> bool:
    return any(working(child) or _open_below(execution, child) for child in execution.group(run.id).open.values())


def _walk(definition: Definition, execution: Execution, now: int, decision: Decision) -> Walk:
    return Walk(definition, execution, now, decision, shapes.running, shapes.paused)


def _go_on(walk: Walk) -> None:
    """Decide for the whole execution."""
    scope = root_scope(walk.definition, walk.execution)
    for run in _open(walk, scope):
        walk.look(run)
    if not walk.decision.finish and not walk.decision.rounds:
        reached = outcome(scope) if scope.group.runs or not scope.tasks else None
        if reached is not None and walk.execution.state == PAUSED:
            walk.decision.state = RESTARTED  # as after a resume by hand; it ends from there (seen)
            return
        if reached is not None:
            _end(walk, scope, reached)
            return
        if not _open(walk, scope):  # a run outside the lists may be open: a Pause's `onPause`
            walk.create(next_in_sequence(scope, active(scope)), None)
    _state(walk)


def _open(walk: Walk, scope: Scope) -> list[TaskRun]:
    """The open runs, but for those of `afterExecution` that a replay begins with: their time comes later."""
    late = {node.id for node in walk.definition.after} if walk.execution.loop_run is None else set()
    return [run for run in scope.group.open.values() if run.task_id not in late]


def _end(walk: Walk, scope: Scope, reached: str) -> None:
    for run in _open(walk, scope):
        walk.close(run, reached)
    walk.decision.end = reached


def _state(walk: Walk) -> None:
    """BREAKPOINT, PAUSED and RETRYING are the execution's state as long as a run is in them."""
    going = RETRYING if walk.retrying and not walk.moving else RUNNING
    wanted = BREAKPOINT if walk.stopped else PAUSED if walk.pausing else going
    if wanted != walk.execution.state:
        resumed = walk.execution.state == PAUSED and wanted == RUNNING and not _next_round(walk)
        walk.decision.state = RESTARTED if resumed else wanted  # as after a resume by hand (seen on a real server)


def _next_round(walk: Walk) -> bool:
    """Whether a PAUSED execution goes on because a LoopUntil begins its next round."""
    since = walk.execution.history[-1][1]
    return any(
        run.state == RUNNING and run.history[-1][1] >= since and walk.definition.nodes[run.task_id].shape == "until"
        for run in walk.execution.runs.values()
        if run.task_id in walk.definition.nodes
    )
