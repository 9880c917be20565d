"""Carrying a decision out: the only place where a turn's records change because of a decision."""

from __future__ import annotations

from dataclasses import dataclass, field

from flowctl.engine.executor import directories, loopitems, rounds, subflows
from flowctl.engine.executor.context import variables_of
from flowctl.engine.executor.decision import Decision
from flowctl.engine.executor.definition import Node
from flowctl.engine.executor.durations import clock_text, micros
from flowctl.engine.executor.ending import end_execution
from flowctl.engine.executor.finishing import finish
from flowctl.engine.executor.floworder import enter
from flowctl.engine.executor.hooks import environment_of
from flowctl.engine.executor.identifiers import new_id
from flowctl.engine.executor.jobs import Job
from flowctl.engine.executor.live import Live
from flowctl.engine.executor.outcomes import Outcome, settle
from flowctl.engine.executor.records import TaskRun, working
from flowctl.engine.executor.rendering import ExpressionError, Renderer
from flowctl.engine.executor.run_context import TaskContext, passes, properties_of
from flowctl.engine.executor.running import call
from flowctl.engine.executor.services import Services
from flowctl.engine.executor.starting import start
from flowctl.engine.executor.states import FAILED, SUBMITTED, TERMINAL
from flowctl.engine.executor.turn import Turn
from flowctl.engine.executor.workers import writes_files
from flowctl.engine.plugins.properties import Properties
from flowctl.engine.plugins.protocol import Place, Task
from flowctl.engine.store.logs import Metric
from flowctl.language.expressions import Environment


@dataclass(slots=True)
class Performer:
    """Performs decisions within one turn. `jobs` are to be begun and `stops` to be asked once the turn is on disk."""

    turn: Turn
    services: Services
    environment: Environment
    jobs: list[Job] = field(default_factory=list)
    stops: list[tuple[str, str]] = field(default_factory=list)

    @classmethod
    def of(cls, turn: Turn, services: Services) -> Performer:
        """A performer with the execution's surroundings."""
        return cls(turn, services, environment_of(services, turn.live))

    @property
    def live(self) -> Live:
        """The execution."""
        return self.turn.live

    def perform(self, decision: Decision) -> None:
        """Do everything a decision says, in an order in which nothing gets ahead of its cause."""
        self.live.pending_lines = self.turn.lines
        if decision.admit:
            enter(self)
        if decision.state:
            self.turn.become(decision.state)
        for run in decision.interrupt:
            self.interrupt(run)
        for run, state in decision.close:
            self.close(run, state)
        for run, state in decision.finish:
            finish(self, run, state)
        for run in decision.rounds:
            rounds.next_round(self, self.node(run), run)
        for run, index in decision.spawn:
            if not run.terminal:
                loopitems.spawn(self, run, index)
        for run in decision.start:
            self.start(run)
        for new in decision.create:
            if self.turn.execution.memo.get("exit") is not None:
                break
            if new.parent is not None and new.parent.terminal:
                continue  # its group has been ended by the same decision
            self.create(new.node, new.parent, new.value, new.iteration)
        left = self.turn.execution.memo.pop("exit", None)
        if left is not None and not self.turn.execution.terminal:
            self.leave(str(left))
        elif decision.end is not None:
            end_execution(self, decision.end)

    def node(self, run: TaskRun) -> Node:
        """The task of a run."""
        return self.live.definition.nodes[run.task_id]

    def renderer(self, run: TaskRun | None) -> Renderer:
        """Expressions as this run sees them."""
        return Renderer(variables_of(self.live, run), self.environment)

    def create(
        self, node: Node, parent: TaskRun | None, value: str | None = None, iteration: int | None = None
    ) -> None:
        """A new run, started at once. `value` names the item of an each-task."""
        texts = parent.memo.get("texts") if parent is not None else None
        text = texts.get(value) if isinstance(texts, dict) and value is not None else None
        run = TaskRun(
            id=new_id(),
            task_id=node.id,
            parent_id=parent.id if parent else None,
            history=[("CREATED", self.turn.clock())],
            value=value if text is None else text,
            iteration=iteration,
            memo={} if text is None else {"item": value},
        )
        self.turn.add(run)
        start(self, node, run)

    def start(self, run: TaskRun) -> None:
        """Start a run that waits for it."""
        if not run.terminal and self.turn.execution.memo.get("exit") is None:
            start(self, self.node(run), run)

    def task(self, node: Node, run: TaskRun, renderer: Renderer) -> None:
        """A plugin's task: here and now when it is an inline one, else by a worker."""
        task = self.services.registry.find(node.type)
        if task is None:
            self.turn.log(run, "ERROR", f"this server cannot run tasks of type {node.type}")
            self.turn.move(run, FAILED)
        elif task.inline and not writes_files(node):
            self._inline(task, node, run, renderer)
        else:
            self.submit(task, node, run, renderer)

    def _inline(self, task: Task, node: Node, run: TaskRun, renderer: Renderer) -> None:
        turn = self.turn
        turn.move(run, SUBMITTED)
        turn.begin(run, turn.owner)
        if not self._limited(node, run, renderer):
            return

        def log(level: str, message: str) -> None:
            if passes(level, node.properties.get("logLevel")):
                turn.log(run, level, message, "worker")

        def measure(name: str, kind: str, value: float, tags: object) -> None:
            turn.metrics.append(metric_of(self, run, name, kind, value, tags))

        context = TaskContext(
            self.services, self.place(run), renderer, log, measure, directories.around(self, node, run)
        )
        outcome = call(task, context, properties_of(node, renderer), log)
        context.close()
        settle(turn, node, run, outcome)

    def submit(self, task: Task, node: Node, run: TaskRun, renderer: Renderer) -> None:
        """Hand the work to a worker, once the turn is on disk."""
        turn = self.turn
        turn.move(run, SUBMITTED)
        turn.begin(run, turn.owner)
        if not self._limited(node, run, renderer):
            return
        run.memo["busy"] = True
        turn.touch(run)
        turn.submitted.append(run)
        self.jobs.append(self.job(task, node, run, renderer))

    def job(self, task: Task, node: Node, run: TaskRun, renderer: Renderer) -> Job:
        """The work of a run, with everything it needs. Before it begins, a snapshot has to be asked for."""
        deadline = run.memo.get("timeout_at")
        return Job(
            execution_id=self.turn.execution.id,
            task=task,
            properties=Properties(node.properties, renderer),
            place=self.place(run),
            renderer=renderer,
            shared=directories.around(self, node, run),
            lowest=node.properties.get("logLevel"),
            deadline=deadline if isinstance(deadline, int) else None,
        )

    def again(self, node: Node, run: TaskRun) -> Job:
        """The work of a busy run whose process died. Before it begins, a snapshot has to be asked for."""
        renderer = self.renderer(run)
        if node.shape == "directory":
            return directories.job(self, node, run, renderer)
        task = self.services.registry.find(node.type)
        assert task is not None
        return self.job(task, node, run, renderer)

    def place(self, run: TaskRun) -> Place:
        """Where a run runs."""
        execution = self.turn.execution
        return Place(
            execution.namespace,
            execution.flow_id,
            execution.revision,
            execution.id,
            run.task_id,
            run.id,
            run.value,
            max(len(run.attempts) - 1, 0),
            self.services.dialect,
        )

    def limit(self, node: Node, run: TaskRun, renderer: Renderer) -> None:
        """Note when the time limit of an attempt is over.

        Raises:
            ExpressionError: the limit cannot be rendered.
            ValueError: it is no duration.
        """
        text = node.properties.get("timeout")
        if text is not None:
            length = micros(renderer.text(str(text)))
            run.memo["timeout"] = length
            run.memo["timeout_at"] = self.turn.clock() + length

    def _limited(self, node: Node, run: TaskRun, renderer: Renderer) -> bool:
        """Note the time limit of an attempt; False when it is none, which fails the attempt."""
        try:
            self.limit(node, run, renderer)
        except (ExpressionError, ValueError) as error:
            self.turn.log(run, "ERROR", str(error))
            self.fail(node, run)
            return False
        return True

    def fail(self, node: Node, run: TaskRun, *, tolerable: bool = True) -> None:
        """The attempt failed."""
        settle(self.turn, node, run, Outcome(FAILED, tolerable=tolerable))

    def interrupt(self, run: TaskRun, reason: str | None = None) -> None:
        """Have the work or the child execution of a run stopped; its end comes as an event."""
        deadline = run.memo.get("timeout_at")
        late = isinstance(deadline, int) and deadline <= self.turn.clock()
        why = reason or ("timeout" if late else "kill")
        run.memo["interrupted"] = why
        self.turn.touch(run)
        self.stops.append((run.id, why))
        subflows.kill_children(self, run)

    def close(self, run: TaskRun, state: str) -> None:
        """End an open run without more ado; a result that still comes is dropped."""
        if run.terminal:
            return
        if run.memo.pop("busy", None):
            self.turn.dropped[run.id] = state
            self.stops.append((run.id, "closed"))
        self.turn.move(run, state)
        directories.forget(self, run)

    def log_timeout(self, run: TaskRun) -> None:
        """The line about an attempt that took too long."""
        length = run.memo.get("timeout")
        self.turn.log(run, "ERROR", f"Timeout after {clock_text(length if isinstance(length, int) else 0)}")

    def leave(self, state: str, runs: str | None = None) -> None:
        """End the whole execution at once (Exit, a Pause that cancels): everything open takes its state, or `runs`."""
        for run in list(self.turn.execution.runs.values()):
            if not run.terminal:
                if working(run):
                    subflows.kill_children(self, run)
                self.close(run, runs or state)
        end_execution(self, state, outputs=False)


def metric_of(performer: Performer, run: TaskRun, name: str, kind: str, value: float, tags: object) -> Metric:
    """A metric of an inline task."""
    from flowctl.engine.store.jsontext import dump

    execution = performer.turn.execution
    return Metric(
        execution.id,
        execution.namespace,
        execution.flow_id,
        run.task_id,
        run.id,
        name,
        kind,
        value,
        dump(tags).decode(),
        performer.turn.clock(),
    )


__all__ = ["TERMINAL", "Performer"]
