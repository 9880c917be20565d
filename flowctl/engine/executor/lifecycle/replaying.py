"""A new execution from an ended one: a replay, from its beginning or from one of its task runs, or a restart with
another revision."""

from __future__ import annotations

import copy

from flowctl.engine.executor.lifecycle.refusals import BadRequest, WrongState
from flowctl.engine.executor.lifecycle.rerunning import failed_runs, forget, handlers, later_runs, whole
from flowctl.engine.executor.records.definition import Definition
from flowctl.engine.executor.records.identifiers import new_id
from flowctl.engine.executor.records.records import Execution, History, TaskRun, label_map
from flowctl.engine.executor.records.secretplaces import ENCRYPTED, KNOWN, SECRET_TRIGGER, SECRETS
from flowctl.engine.executor.records.states import RESTARTED, RUNNING, TERMINAL

OF_ITS_START = (SECRETS, SECRET_TRIGGER, ENCRYPTED, KNOWN)
"""What a memo says of how an execution was started."""


def replay(old: Execution, definition: Definition, now: int, task_run_id: str | None) -> Execution:
    """The new execution, not stored yet.

    Raises:
        BadRequest: there is no such task run.
        WrongState: it is an iteration of a Loop, which means nothing without its execution.
    """
    _refuse(old)
    new = _successor(old, definition, [("CREATED", now)], "system.replay")
    if task_run_id is not None:
        _take_runs(old, new, definition, task_run_id, now)
        new.variables, new.unset = copy.deepcopy(old.variables), list(old.unset)
        new.history.append((RESTARTED, now))
    return new


def restart_anew(old: Execution, before: Definition, definition: Definition, now: int) -> Execution:
    """The execution that runs again what failed, as another revision has it; not stored yet. The old one was run as
    `before`.

    Raises:
        WrongState: it has not ended, or nothing failed, or it is an iteration of a Loop.
        BadRequest: the revision has not all tasks that have run.
    """
    _refuse(old)
    failed = failed_runs(before, old)
    ids = {run.id for run in failed}
    gone = {below.id for run in failed for below in old.descendants(run.id)} | set(handlers(before, old))
    kept = [run for run in old.runs.values() if run.id not in gone]
    lacking = sorted({run.task_id for run in kept} - set(definition.nodes))
    if lacking:
        raise BadRequest(f"revision {definition.revision} has no task {', '.join(lacking)}, which has run already")
    new = _successor(old, definition, [*old.history, (RESTARTED, now)], "system.restarted")
    new.variables, new.unset = copy.deepcopy(old.variables), list(old.unset)
    new.attempt_number += 1
    above = {parent.id for run in failed for parent in old.ancestors(run) if parent.terminal}
    names = {run.id: new_id() for run in kept}
    for run in kept:
        new.add(_copied(run, names, RESTARTED if run.id in ids else RUNNING if run.id in above else None, now))
    return new


def _refuse(old: Execution) -> None:
    if old.lost is not None:
        raise WrongState(f"what it was given is sealed by the key {old.lost}, which the key file lacks")
    if old.loop_run is not None:
        raise WrongState(f"this is an iteration of a Loop; replay or restart its execution {old.parent_id}")


def _successor(old: Execution, definition: Definition, history: History, label: str) -> Execution:
    new = Execution(
        id=new_id(),
        namespace=old.namespace,
        flow_id=old.flow_id,
        revision=definition.revision,
        history=history,
        inputs=copy.deepcopy(old.inputs),
        labels=label_map([*old.labels, (label, "true")]),
        trigger=copy.deepcopy(old.trigger),
        kind=old.kind,
        parent_id=old.id,
        original_id=old.original_id,
        attempt_number=old.attempt_number,
        original_created=old.original_created,
    )
    new.sealed, new.lost = old.sealed or definition.secret, old.lost
    new.memo |= {name: copy.deepcopy(old.memo[name]) for name in OF_ITS_START if name in old.memo}
    return new


def _take_runs(old: Execution, new: Execution, definition: Definition, task_run_id: str, now: int) -> None:
    given = old.runs.get(task_run_id)
    if given is None:
        raise BadRequest("No task found")
    start = whole(definition, old, given)
    later = later_runs(definition, old, start)
    ancestors = {run.id for run in old.ancestors(start)}
    below = {run.id for run in old.descendants(start.id)}
    names = {id_: new_id() for id_ in old.runs}
    for run in old.runs.values():
        if run.id in later or run.id in below:
            continue
        again = RUNNING if below and not _begins_anew(definition, start) else RESTARTED
        new.add(_copied(run, names, again if run.id == start.id else _state(run, ancestors), now))


def _begins_anew(definition: Definition, run: TaskRun) -> bool:
    """Whether a group has more to do at its start than to remember a branch: files to write, rounds to count."""
    node = definition.nodes.get(run.task_id)
    return node is not None and node.shape in ("directory", "until")


def _state(run: TaskRun, ancestors: set[str]) -> str | None:
    return RUNNING if run.id in ancestors else None


def _copied(run: TaskRun, names: dict[str, str], state: str | None, now: int) -> TaskRun:
    made = copy.deepcopy(run)
    made.id = names[run.id]
    made.parent_id = names.get(run.parent_id) if run.parent_id else None
    made.position = -1
    if state is not None:
        made.history.append((state, now))
        if state == RESTARTED:
            forget(made)
        if state == RUNNING and made.attempts and made.attempts[-1].state in TERMINAL:
            made.attempts[-1].history.pop()
    return made
