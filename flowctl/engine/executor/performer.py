"""What one turn carries a decision out with: the execution, its surroundings, and what begins once it is on disk."""

from __future__ import annotations

from dataclasses import dataclass, field

from flowctl.engine.executor.expressions.context import variables_of
from flowctl.engine.executor.expressions.hooks import environment_of
from flowctl.engine.executor.expressions.rendering import Renderer
from flowctl.engine.executor.records.definition import Node
from flowctl.engine.executor.records.durations import clock_text, rendered_micros
from flowctl.engine.executor.records.live import Live
from flowctl.engine.executor.records.records import TaskRun
from flowctl.engine.executor.records.states import FAILED
from flowctl.engine.executor.services import Services
from flowctl.engine.executor.tasks.jobs import Job
from flowctl.engine.executor.tasks.outcomes import Outcome, settle
from flowctl.engine.executor.turn import Turn
from flowctl.engine.plugins.protocol import Place
from flowctl.language.expressions.environment import Environment


@dataclass(slots=True)
class Performer:
    """One turn's. `jobs` are to be begun and `stops` to be asked once the turn is on disk."""

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

    def node(self, run: TaskRun) -> Node:
        """The task of a run."""
        return self.live.definition.nodes[run.task_id]

    def renderer(self, run: TaskRun | None) -> Renderer:
        """Expressions as this run sees them."""
        return Renderer(variables_of(self.live, run, dialect=self.services.dialect), self.environment)

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
            length = rendered_micros(renderer.text(str(text)))
            if length is None:
                return
            if length <= 0:
                raise ValueError("`timeout` has to be longer than nothing")
            run.memo["timeout"] = length
            run.memo["timeout_at"] = self.turn.clock() + length

    def fail(self, node: Node, run: TaskRun, *, tolerable: bool = True) -> None:
        """The attempt failed."""
        settle(self.turn, node, run, Outcome(FAILED, tolerable=tolerable))

    def log_timeout(self, run: TaskRun) -> None:
        """The line about an attempt that took too long."""
        length = run.memo.get("timeout")
        self.turn.log(run, "ERROR", f"Timeout after {clock_text(length if isinstance(length, int) else 0)}")
