"""WorkingDirectory: the directory that its tasks share, with the files it asks for and those it keeps.

Where there are files to write or to keep, a worker does it; meanwhile the run is busy, and nothing in it begins.
"""

from __future__ import annotations

import shutil
from collections.abc import Sequence
from pathlib import Path

from flowctl.engine.executor.expressions.rendering import Renderer
from flowctl.engine.executor.flowables.directorywork import AFTER, BEFORE, Collection, Preparation
from flowctl.engine.executor.performer import Performer
from flowctl.engine.executor.records.definition import Node
from flowctl.engine.executor.records.records import TaskRun
from flowctl.engine.executor.records.states import SUCCESS, WARNING
from flowctl.engine.executor.tasks.jobs import Job
from flowctl.engine.executor.tasks.outcomes import Outcome, settle
from flowctl.engine.plugins.properties import Properties
from flowctl.engine.plugins.protocol import Task


def start(performer: Performer, node: Node, run: TaskRun, renderer: Renderer) -> None:
    """Begin: make the directory, and have the files written that it asks for."""
    performer.turn.begin(run, None)
    run.memo.pop("reached", None)  # a run that is restarted may have been on its way out
    _directory(performer, run).mkdir(parents=True, exist_ok=True, mode=0o700)
    if _asks(node, BEFORE):
        _submit(performer, node, run, renderer)


def finish(performer: Performer, node: Node, run: TaskRun, state: str) -> None:
    """Its tasks have ended: have its files kept, then end."""
    if _asks(node, AFTER):
        run.memo["reached"] = state
        _submit(performer, node, run, performer.renderer(run))
    else:
        _end(performer, run, state)


def done(performer: Performer, node: Node, run: TaskRun, outcome: Outcome) -> None:
    """A worker has done what there was to do with files."""
    reached = run.memo.pop("reached", None)
    if reached is None and outcome.state != SUCCESS:
        settle(performer.turn, node, run, outcome)
        forget(performer, run)
        return
    run.memo.pop("busy", None)
    run.memo.pop("interrupted", None)
    performer.turn.touch(run)
    if reached is not None:
        run.outputs = outcome.outputs
        _end(performer, run, str(reached) if outcome.state == SUCCESS else outcome.state)


def job(performer: Performer, node: Node, run: TaskRun, renderer: Renderer) -> Job:
    """What a worker has to do for a busy run. Before it begins, a snapshot has to be asked for."""
    services, reached = performer.services, run.memo.get("reached")
    task: Task = Preparation(services)
    if reached is not None:
        task = Collection(services, keeping=reached in (SUCCESS, WARNING))
    wanted = {name: node.properties[name] for name in {*BEFORE, *AFTER} & node.properties.keys()}
    return Job(
        execution_id=performer.turn.execution.id,
        task=task,
        properties=Properties(wanted, renderer),
        place=performer.place(run),
        renderer=renderer,
        shared=_directory(performer, run),
        lowest=node.properties.get("logLevel"),
        sealed=performer.turn.execution.sealed,
    )


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


def _asks(node: Node, names: Sequence[str]) -> bool:
    return any(node.properties.get(name) for name in names)


def _submit(performer: Performer, node: Node, run: TaskRun, renderer: Renderer) -> None:
    run.memo["busy"] = True
    performer.turn.touch(run)
    performer.turn.submitted.append(run)
    performer.jobs.append(job(performer, node, run, renderer))


def _end(performer: Performer, run: TaskRun, state: str) -> None:
    performer.turn.move(run, state)
    forget(performer, run)


def _directory(performer: Performer, run: TaskRun) -> Path:
    return performer.services.work / f"shared-{run.id}"
