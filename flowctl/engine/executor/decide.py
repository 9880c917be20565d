"""The heart of the executor: what comes next for one execution, as a pure function.

`decide` looks at a compiled flow and at the records of one execution; it evaluates no expression, reads no clock and
changes nothing. Expressions are evaluated when a run starts and remembered in its `memo` or outputs, so that the
same records always give the same decision.
"""

from __future__ import annotations

from flowctl.engine.executor import shapes
from flowctl.engine.executor.decision import Decision, NewRun
from flowctl.engine.executor.definition import Definition, Node
from flowctl.engine.executor.records import Execution, TaskRun, working
from flowctl.engine.executor.scopes import Scope, active, next_in_sequence, outcome
from flowctl.engine.executor.states import (
    BREAKPOINT,
    CREATED,
    FAILED,
    KILLED,
    KILLING,
    PAUSED,
    QUEUED,
    RESTARTED,
    RETRYING,
    RUNNING,
    SUBMITTED,
    WAITING_TO_START,
    tolerate,
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
    else:
        _Pass(definition, execution, now, decision).run()
    return decision


def root_scope(definition: Definition, execution: Execution) -> Scope:
    """The lists that the execution itself works on: the flow's, or for an iteration its Loop's."""
    group = execution.group(None)
    if execution.loop_run is not None:
        node = definition.nodes[str(execution.loop_run["taskId"])]
        return Scope(group, node.tasks, node.lists.get("errors", ()), node.lists.get("finally", ()))
    return Scope(group, definition.tasks, definition.errors, definition.finally_)


def _after(definition: Definition, execution: Execution, now: int, decision: Decision) -> None:
    """Tasks of `afterExecution`, once the execution has its final state."""
    after = (*definition.after, *_heard(definition, execution))
    if not after or execution.loop_run is not None or execution.memo.get("no_after"):
        return
    scope = Scope(execution.group(None), after)
    walk = _Pass(definition, execution, now, decision)
    walk.open_runs(execution.group(None))
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


class _Pass:
    """One walk over the open part of the tree of runs, children before their parents."""

    def __init__(self, definition: Definition, execution: Execution, now: int, decision: Decision) -> None:
        self.definition, self.execution, self.now, self.decision = definition, execution, now, decision
        self.paused = self.retrying = self.moving = self.stopped = False

    def run(self) -> None:
        """Decide for the whole execution."""
        if self.execution.memo.get("paused"):
            return
        scope = root_scope(self.definition, self.execution)
        for run in self._open(scope):
            self.look(run)
        if not self.decision.finish and not self.decision.rounds:
            reached = outcome(scope) if scope.group.runs or not scope.tasks else None
            if reached is not None:
                self._end(scope, reached)
                return
            if not self._blocked(scope):
                self.create(next_in_sequence(scope, active(scope)), None)
        self._state()

    def _blocked(self, scope: Scope) -> bool:
        """Whether a run outside the lists (a Pause's `onPause`) is open."""
        return bool(self._open(scope))

    def _open(self, scope: Scope) -> list[TaskRun]:
        """The open runs, but for those of `afterExecution` that a replay begins with: their time comes later."""
        late = {node.id for node in self.definition.after} if self.execution.loop_run is None else set()
        return [run for run in scope.group.open.values() if run.task_id not in late]

    def _end(self, scope: Scope, reached: str) -> None:
        for run in self._open(scope):
            self.close(run, reached)
        self.decision.end = reached

    def _state(self) -> None:
        """BREAKPOINT, PAUSED and RETRYING are the execution's state as long as a run is in them."""
        going = RETRYING if self.retrying and not self.moving else RUNNING
        wanted = BREAKPOINT if self.stopped else PAUSED if self.paused else going
        if wanted != self.execution.state:
            self.decision.state = wanted

    def open_runs(self, group_of: object) -> None:
        """Look at every open run of a group."""
        assert hasattr(group_of, "open")
        for run in list(group_of.open.values()):
            self.look(run)

    def look(self, run: TaskRun) -> None:
        """Start, resume, finish or descend into one open run."""
        node = self.definition.nodes.get(run.task_id)
        if node is None:
            self.decision.close.append((run, FAILED))
        elif run.state in WAITING_TO_START:
            self.moving = True
            self.decision.start.append(run)
        elif run.state == RETRYING:
            self._retry(run)
        elif run.state == BREAKPOINT:
            self.stopped = True
        elif run.state == PAUSED:
            self.paused = True
            shapes.paused(self, node, run)
        else:
            self.moving = self.moving or node.shape not in shapes.GROUPS or working(run)
            shapes.running(self, node, run)

    def _retry(self, run: TaskRun) -> None:
        due = run.memo.get("retry_at")
        assert isinstance(due, int)
        if due <= self.now:
            self.moving = True
            self.decision.start.append(run)
        else:
            self.retrying = True
            self.decision.wake_at(due)

    def create(
        self, nodes: tuple[Node, ...], parent: TaskRun | None, value: str | None = None, iteration: int | None = None
    ) -> None:
        """Create runs of these tasks."""
        for node in nodes:
            self.moving = True
            self.decision.create.append(NewRun(node, parent, value, iteration))

    def finish(self, node: Node, run: TaskRun, reached: str) -> None:
        """A group has reached a state: end what is still open in it, then itself."""
        for child in self.execution.group(run.id).open.values():
            self.close(child, reached)
        self.decision.finish.append((run, tolerate(reached, node.allow_failure, node.allow_warning)))

    def close(self, run: TaskRun, state: str) -> None:
        """End an open run and everything below it in its parent's state; its work is interrupted."""
        for child in self.execution.group(run.id).open.values():
            self.close(child, state)
        if working(run):
            self.decision.interrupt.append(run)
        self.decision.close.append((run, state))


Walk = _Pass
