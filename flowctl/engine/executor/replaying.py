"""Replaying: a new execution from an ended one, from its beginning or from one of its task runs."""

from __future__ import annotations

import copy

from flowctl.engine.executor.definition import Definition
from flowctl.engine.executor.identifiers import new_id
from flowctl.engine.executor.records import Execution, TaskRun, label_map
from flowctl.engine.executor.refusals import BadRequest
from flowctl.engine.executor.secretinputs import SECRETS
from flowctl.engine.executor.states import RESTARTED, RUNNING, TERMINAL


def replay(
    old: Execution, definition: Definition, now: int, task_run_id: str | None, inputs: dict[str, object] | None = None
) -> Execution:
    """The new execution, not stored yet. `inputs` replace those of the old one.

    Raises:
        BadRequest: there is no such task run.
    """
    new = Execution(
        id=new_id(),
        namespace=old.namespace,
        flow_id=old.flow_id,
        revision=definition.revision,
        history=[("CREATED", now)],
        inputs=copy.deepcopy(old.inputs) if inputs is None else inputs,
        labels=label_map([*old.labels, ("system.replay", "true")]),
        trigger=copy.deepcopy(old.trigger),
        kind=old.kind,
        parent_id=old.id,
        original_id=old.original_id,
        attempt_number=old.attempt_number,
        original_created=old.original_created,
    )
    if SECRETS in old.memo:
        new.memo[SECRETS] = copy.deepcopy(old.memo[SECRETS])
    if task_run_id is not None:
        _take_runs(old, new, task_run_id, now)
        new.variables, new.unset = copy.deepcopy(old.variables), list(old.unset)
        new.history.append((RESTARTED, now))
    return new


def _take_runs(old: Execution, new: Execution, task_run_id: str, now: int) -> None:
    start = old.runs.get(task_run_id)
    if start is None:
        raise BadRequest("No task found")
    ancestors = {run.id for run in old.ancestors(start)}
    below = {run.id for run in old.descendants(start.id)}
    names = {id_: new_id() for id_ in old.runs}
    for run in old.runs.values():
        if run.id != start.id and (run.position > start.position or run.id in below):
            continue
        new.add(_copied(run, names, _state(run, start, ancestors, bool(below)), now))


def _state(run: TaskRun, start: TaskRun, ancestors: set[str], group: bool) -> str | None:
    if run.id == start.id:
        return RUNNING if group else RESTARTED
    return RUNNING if run.id in ancestors else None


def _copied(run: TaskRun, names: dict[str, str], state: str | None, now: int) -> TaskRun:
    made = copy.deepcopy(run)
    made.id = names[run.id]
    made.parent_id = names.get(run.parent_id) if run.parent_id else None
    made.position = -1
    if state is not None:
        made.history.append((state, now))
        if state == RUNNING and made.attempts and made.attempts[-1].state in TERMINAL:
            made.attempts[-1].history.pop()
    return made
