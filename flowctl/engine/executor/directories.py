"""WorkingDirectory: the directory that its tasks share, with the files it asks for and those it keeps."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import TYPE_CHECKING

from flowctl.engine.executor.definition import Node
from flowctl.engine.executor.keptfiles import KeptFiles, TooMuch
from flowctl.engine.executor.records import TaskRun
from flowctl.engine.executor.rendering import ExpressionError, Renderer
from flowctl.engine.executor.run_context import TaskContext, properties_of
from flowctl.engine.executor.states import FAILED, SUCCESS, WARNING

if TYPE_CHECKING:
    from flowctl.engine.executor.performing import Performer


def start(performer: Performer, node: Node, run: TaskRun, renderer: Renderer) -> None:
    """Begin: make the directory, with the files it asks for."""
    from flowctl.engine.plugins.scripts.files import prepare

    performer.turn.begin(run, None)
    shared = _directory(performer, run)
    shared.mkdir(parents=True, exist_ok=True, mode=0o700)
    try:
        _restore(performer, node, run, renderer)
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
        if state in (SUCCESS, WARNING):
            _keep(performer, node, run, renderer)
    except (ExpressionError, OSError, ValueError) as error:
        performer.turn.log(run, "ERROR", str(error))
        state, found = FAILED, {}
    if found:
        run.outputs = {"outputFiles": found}
    performer.turn.move(run, state)
    forget(performer, run)


def _kept(performer: Performer, node: Node, run: TaskRun, renderer: Renderer) -> KeptFiles | None:
    """The files between two runs; None when the task asks for none.

    Raises:
        ExpressionError: the patterns or the time cannot be rendered.
        ValueError: they are no list, or no duration.
    """
    properties = properties_of(node, renderer)
    if not isinstance(properties.raw("cache"), dict):
        return None
    wish = properties.nested("cache")
    place = performer.place(run)
    return KeptFiles.of(performer.services.storage, place, wish.texts("patterns"), wish.duration("ttl"))


def _restore(performer: Performer, node: Node, run: TaskRun, renderer: Renderer) -> None:
    """Write the files that an earlier run has kept; without them the tasks begin from nothing."""
    kept = _kept(performer, node, run, renderer)
    if kept is not None:
        try:
            number = kept.restore(_directory(performer, run), performer.turn.clock())
            performer.turn.log(run, "DEBUG", f"{number} files of an earlier run are there")
        except OSError as error:
            performer.turn.log(run, "WARN", f"files of an earlier run are not there: {error}")


def _keep(performer: Performer, node: Node, run: TaskRun, renderer: Renderer) -> None:
    """Keep the files for the next run."""
    kept = _kept(performer, node, run, renderer)
    if kept is not None:
        try:
            number = kept.keep(_directory(performer, run), performer.turn.clock())
            performer.turn.log(
                run, "DEBUG", f"files kept for the next run: {'as before' if number is None else number}"
            )
        except (OSError, TooMuch) as error:
            performer.turn.log(run, "WARN", f"files are not kept for the next run: {error}")


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
