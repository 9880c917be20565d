"""Carrying a decision out: the only place where a turn's records change because of a decision."""

from __future__ import annotations

import shutil
from dataclasses import dataclass, field
from pathlib import Path

from flowctl.engine.executor import approving, batches, loopitems, rounds, subflows
from flowctl.engine.executor.context import variables_of
from flowctl.engine.executor.decision import Decision
from flowctl.engine.executor.definition import Node
from flowctl.engine.executor.durations import clock_text, micros
from flowctl.engine.executor.ending import end_execution
from flowctl.engine.executor.hooks import environment_of
from flowctl.engine.executor.identifiers import new_id
from flowctl.engine.executor.live import Live
from flowctl.engine.executor.outcomes import Outcome, settle
from flowctl.engine.executor.records import TaskRun, working
from flowctl.engine.executor.rendering import ExpressionError, Renderer
from flowctl.engine.executor.run_context import TaskContext, passes, properties_of
from flowctl.engine.executor.running import call
from flowctl.engine.executor.services import Services
from flowctl.engine.executor.starting import start
from flowctl.engine.executor.states import CANCELLED, FAILED, RUNNING, SUBMITTED, SUCCESS, TERMINAL
from flowctl.engine.executor.times import iso_time
from flowctl.engine.executor.turn import Turn
from flowctl.engine.executor.workers import Job
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
        if decision.state:
            self.turn.become(decision.state)
        for run in decision.interrupt:
            self.interrupt(run)
        for run, state in decision.close:
            self.close(run, state)
        for run, state in decision.finish:
            self.finish(run, state)
        for run in decision.rounds:
            rounds.next_round(self, self.node(run), run)
        for run, index in decision.spawn:
            loopitems.spawn(self, run, index)
        for run in decision.start:
            self.start(run)
        for new in decision.create:
            if self.turn.execution.memo.get("exit") is not None:
                break
            self.create(new.node, new.parent, new.value, new.iteration)
        left = self.turn.execution.memo.pop("exit", None)
        if left is not None:
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
        """A new run, started at once."""
        run = TaskRun(
            id=new_id(),
            task_id=node.id,
            parent_id=parent.id if parent else None,
            history=[("CREATED", self.turn.clock())],
            value=value,
            iteration=iteration,
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
        elif task.inline:
            self._inline(task, node, run, renderer)
        else:
            self.submit(task, node, run, renderer)

    def _inline(self, task: Task, node: Node, run: TaskRun, renderer: Renderer) -> None:
        turn = self.turn
        turn.move(run, SUBMITTED)
        turn.begin(run, turn.owner)

        def log(level: str, message: str) -> None:
            if passes(level, node.properties.get("logLevel")):
                turn.log(run, level, message, "worker")

        def measure(name: str, kind: str, value: float, tags: object) -> None:
            turn.metrics.append(metric_of(self, run, name, kind, value, tags))

        context = TaskContext(self.services, self.place(run), renderer, log, measure, self.directory(node, run))
        outcome = call(task, context, properties_of(node, renderer), log)
        context.close()
        settle(turn, node, run, outcome)

    def submit(self, task: Task, node: Node, run: TaskRun, renderer: Renderer) -> None:
        """Hand the work to a worker, once the turn is on disk."""
        turn = self.turn
        turn.move(run, SUBMITTED)
        turn.begin(run, turn.owner)
        try:
            self.limit(node, run, renderer)
        except (ExpressionError, ValueError) as error:
            turn.log(run, "ERROR", str(error))
            self.fail(node, run)
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
            shared=self.directory(node, run),
            lowest=node.properties.get("logLevel"),
            deadline=deadline if isinstance(deadline, int) else None,
        )

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
        )

    def directory(self, node: Node, run: TaskRun) -> Path | None:
        """The directory of the WorkingDirectory around a run; None outside of one."""
        if node.inside is None:
            return None
        above = next((a for a in self.turn.execution.ancestors(run) if a.task_id == node.inside), None)
        return self.services.work / f"shared-{above.id}" if above else None

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
        self.forget_directory(run)

    def open_directory(self, node: Node, run: TaskRun, renderer: Renderer) -> None:
        """Begin a WorkingDirectory: its directory, with the files it asks for."""
        from flowctl.engine.plugins.scripts.files import prepare

        self.turn.begin(run, None)
        shared = self.services.work / f"shared-{run.id}"
        shared.mkdir(parents=True, exist_ok=True, mode=0o700)
        try:
            prepare(self._group_context(run, renderer, shared), properties_of(node, renderer), shared)
        except (ExpressionError, OSError, ValueError) as error:
            self.turn.log(run, "ERROR", str(error))
            self.fail(node, run)

    def _group_context(self, run: TaskRun, renderer: Renderer, shared: Path) -> TaskContext:
        return TaskContext(
            self.services,
            self.place(run),
            renderer,
            lambda level, message: self.turn.log(run, level, message),
            lambda *_: None,
            shared,
        )

    def forget_directory(self, run: TaskRun) -> None:
        """Remove the directory of a WorkingDirectory that has ended."""
        if self.node(run).shape == "directory":
            shutil.rmtree(self.services.work / f"shared-{run.id}", ignore_errors=True)

    def finish(self, run: TaskRun, state: str) -> None:
        """A group, a pause or a sleep has reached its end."""
        if run.terminal:
            return
        node = self.node(run)
        ends = {
            "if": self._finish_if,
            "pause": self._finish_pause,
            "approval": self._finish_approval,
            "sleep": self._finish_sleep,
            "directory": self._finish_directory,
            "loop": self._finish_loop,
            "items_items": self._finish_batches,
        }
        end = ends.get(node.shape)
        if end is None:
            self.turn.move(run, state)
        else:
            end(node, run, state)

    def _finish_if(self, node: Node, run: TaskRun, state: str) -> None:
        """`evaluationResult` is computed again at the end (seen on a real server); the branch stays."""
        try:
            truth = self.renderer(run).truthy(node.properties.get("condition", ""))
            run.outputs = {"evaluationResult": truth}
        except ExpressionError as error:
            self.turn.log(run, "DEBUG", f"the condition can no longer be evaluated: {error}")
        self.turn.move(run, state)

    def _finish_pause(self, node: Node, run: TaskRun, state: str) -> None:
        if run.state == RUNNING:
            self.turn.move(run, state)
            return
        run.outputs = {**run.outputs, "resumed": {"on": iso_time(self.turn.clock()), "to": state}}
        if node.tasks and state == SUCCESS:
            self.turn.move(run, RUNNING)
            return
        self.turn.move(run, state)
        if state == CANCELLED:
            self.turn.execution.memo["exit"] = CANCELLED

    def _finish_approval(self, node: Node, run: TaskRun, state: str) -> None:
        approving.finish(self, node, run, state)

    def _finish_sleep(self, node: Node, run: TaskRun, state: str) -> None:
        if state == FAILED:
            self.log_timeout(run)
        settle(self.turn, node, run, Outcome(state))

    def log_timeout(self, run: TaskRun) -> None:
        """The line about an attempt that took too long."""
        length = run.memo.get("timeout")
        self.turn.log(run, "ERROR", f"Timeout after {clock_text(length if isinstance(length, int) else 0)}")

    def _finish_directory(self, node: Node, run: TaskRun, state: str) -> None:
        from flowctl.engine.plugins.scripts.files import collect

        renderer = self.renderer(run)
        shared = self.services.work / f"shared-{run.id}"
        context = self._group_context(run, renderer, shared)
        try:
            found = collect(context, properties_of(node, renderer), shared)
        except (ExpressionError, OSError, ValueError) as error:
            self.turn.log(run, "ERROR", str(error))
            state, found = FAILED, {}
        if found:
            run.outputs = {"outputFiles": found}
        self.turn.move(run, state)
        self.forget_directory(run)

    def _finish_loop(self, node: Node, run: TaskRun, state: str) -> None:
        subflows.collect_loop(self, node, run)
        self.turn.move(run, "KILLED" if run.memo.get("killed") and state == FAILED else state)

    def _finish_batches(self, node: Node, run: TaskRun, state: str) -> None:
        self.turn.move(run, batches.end_state(node, run))

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
