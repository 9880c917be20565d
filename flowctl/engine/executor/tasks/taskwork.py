"""A plugin's task: it runs here and now when it is an inline one, else a worker gets it once the turn is on disk."""

from __future__ import annotations

from flowctl.engine.executor.expressions.rendering import ExpressionError, Renderer
from flowctl.engine.executor.flowables import directories
from flowctl.engine.executor.performer import Performer
from flowctl.engine.executor.records.definition import Node
from flowctl.engine.executor.records.records import TaskRun
from flowctl.engine.executor.records.states import FAILED, SUBMITTED
from flowctl.engine.executor.tasks.jobs import Job
from flowctl.engine.executor.tasks.outcomes import settle
from flowctl.engine.executor.tasks.run_context import TaskContext, passes, properties_of
from flowctl.engine.executor.tasks.running import call
from flowctl.engine.executor.tasks.workers import writes_files
from flowctl.engine.plugins.properties import Properties
from flowctl.engine.plugins.protocol import Task
from flowctl.engine.store.jsontext import dump
from flowctl.engine.store.tables.logs import Metric

_NO_WORKERS = frozenset(
    f"io.kestra.plugin.core.execution.{name}" for name in ("Exit", "Labels", "SetVariables", "UnsetVariables")
)
"""Types that a real server's executor runs itself."""


def submit(performer: Performer, node: Node, run: TaskRun) -> None:
    """SUBMITTED is what a worker is given, and gives to no other: neither tasks of the executor nor those of a
    WorkingDirectory, which is given as a whole (seen on a real 1.3 and 2.0)."""
    if node.inside is None and node.type not in _NO_WORKERS:
        performer.turn.move(run, SUBMITTED)


def begin_task(performer: Performer, node: Node, run: TaskRun, renderer: Renderer) -> None:
    """A plugin's task: here and now when it is an inline one, else by a worker."""
    task = performer.services.registry.find(node.type)
    if task is None:
        performer.turn.log(run, "ERROR", f"this server cannot run tasks of type {node.type}")
        performer.turn.move(run, FAILED)
    elif task.inline and not writes_files(node):
        _inline(performer, task, node, run, renderer)
    else:
        _submit(performer, task, node, run, renderer)


def again(performer: Performer, node: Node, run: TaskRun) -> Job:
    """The work of a busy run whose process died. Before it begins, a snapshot has to be asked for."""
    renderer = performer.renderer(run)
    if node.shape == "directory":
        return directories.job(performer, node, run, renderer)
    task = performer.services.registry.find(node.type)
    assert task is not None
    return _job(performer, task, node, run, renderer)


def _inline(performer: Performer, task: Task, node: Node, run: TaskRun, renderer: Renderer) -> None:
    turn = performer.turn
    submit(performer, node, run)
    turn.begin(run, turn.owner)
    if not _limited(performer, node, run, renderer):
        return

    def log(level: str, message: str) -> None:
        if passes(level, node.properties.get("logLevel")):
            turn.log(run, level, message, "worker")

    def measure(name: str, kind: str, value: float, tags: object) -> None:
        turn.metrics.append(_metric(performer, run, name, kind, value, tags))

    context = TaskContext(
        performer.services, performer.place(run), renderer, log, measure, directories.around(performer, node, run)
    )
    outcome = call(task, context, properties_of(node, renderer), log)
    context.close()
    settle(turn, node, run, outcome)


def _submit(performer: Performer, task: Task, node: Node, run: TaskRun, renderer: Renderer) -> None:
    """Hand the work to a worker, once the turn is on disk."""
    turn = performer.turn
    submit(performer, node, run)
    turn.begin(run, turn.owner)
    if not _limited(performer, node, run, renderer):
        return
    run.memo["busy"] = True
    turn.touch(run)
    turn.submitted.append(run)
    performer.jobs.append(_job(performer, task, node, run, renderer))


def _job(performer: Performer, task: Task, node: Node, run: TaskRun, renderer: Renderer) -> Job:
    """The work of a run, with everything it needs. Before it begins, a snapshot has to be asked for."""
    deadline = run.memo.get("timeout_at")
    return Job(
        execution_id=performer.turn.execution.id,
        task=task,
        properties=Properties(node.properties, renderer),
        place=performer.place(run),
        renderer=renderer,
        shared=directories.around(performer, node, run),
        lowest=node.properties.get("logLevel"),
        deadline=deadline if isinstance(deadline, int) else None,
        sealed=performer.turn.execution.sealed,
    )


def _limited(performer: Performer, node: Node, run: TaskRun, renderer: Renderer) -> bool:
    """Note the time limit of an attempt; False when it is none, which fails the attempt."""
    try:
        performer.limit(node, run, renderer)
    except (ExpressionError, ValueError) as error:
        performer.turn.log(run, "ERROR", str(error))
        performer.fail(node, run)
        return False
    return True


def _metric(performer: Performer, run: TaskRun, name: str, kind: str, value: float, tags: object) -> Metric:
    """A metric of an inline task."""
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
        performer.services.masker.mask_json(dump(tags)).decode(),
        performer.turn.clock(),
    )
