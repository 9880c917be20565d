"""WorkingDirectory: the directory that its tasks share, with the files it asks for and those it keeps."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import TYPE_CHECKING

from flowctl.engine.executor.definition import Node
from flowctl.engine.executor.records import TaskRun
from flowctl.engine.executor.rendering import ExpressionError, Renderer
from flowctl.engine.executor.run_context import TaskContext, properties_of
from flowctl.engine.executor.states import FAILED

if TYPE_CHECKING:
    from flowctl.engine.executor.performing import Performer


def start(performer: Performer, node: Node, run: TaskRun, renderer: Renderer) -> None:
    """Begin: make the directory, with the files it asks for."""
    from flowctl.engine.plugins.scripts.files import prepare

    performer.turn.begin(run, None)
    shared = _directory(performer, run)
    shared.mkdir(parents=True, exist_ok=True, mode=0o700)
    try:
        prepare(_context(performer, run, renderer, shared), properties_of(node, renderer), shared)
    except (ExpressionError, OSError, ValueError) as error:
        performer.turn.log(run, "ERROR", str(error))
        performer.fail(node, run)


def finish(performer: Performer, node: Node, run: TaskRun, state: str) -> None:
    """End: keep its output files, then remove it."""
    from flowctl.engine.plugins.scripts.files import collect

    renderer = performer.renderer(run)
    shared = _directory(performer, run)
    context = _context(performer, run, renderer, shared)
    try:
        found = collect(context, properties_of(node, renderer), shared)
    except (ExpressionError, OSError, ValueError) as error:
        performer.turn.log(run, "ERROR", str(error))
        state, found = FAILED, {}
    if found:
        run.outputs = {"outputFiles": found}
    performer.turn.move(run, state)
    forget(performer, run)


def forget(performer: Performer, run: TaskRun) -> None:
    """Remove the directory of a run that has ended; nothing happens to a run without one."""
    if performer.node(run).shape == "directory":
        shutil.rmtree(_directory(performer, run), ignore_errors=True)


def around(performer: Performer, node: Node, run: TaskRun) -> Path | None:
    """The directory of the WorkingDirectory around a run; None outside of one."""
    if node.inside is None:
        return None
    above = next((a for a in performer.turn.execution.ancestors(run) if a.task_id == node.inside), None)
    return _directory(performer, above) if above else None


def _directory(performer: Performer, run: TaskRun) -> Path:
    return performer.services.work / f"shared-{run.id}"


def _context(performer: Performer, run: TaskRun, renderer: Renderer, shared: Path) -> TaskContext:
    return TaskContext(
        performer.services,
        performer.place(run),
        renderer,
        lambda level, message: performer.turn.log(run, level, message),
        lambda *_: None,
        shared,
    )
