"""What came of a task's work, and what follows from it: retry, tolerance, effects on the execution."""

from __future__ import annotations

import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from flowctl.engine.executor.deciding.retrying import next_attempt
from flowctl.engine.executor.expressions.context import merge_maps
from flowctl.engine.executor.records.definition import Node
from flowctl.engine.executor.records.records import TaskRun, label_map
from flowctl.engine.executor.records.secretplaces import ENCRYPTED, plain_labels
from flowctl.engine.executor.records.states import FAILED, RETRIED, RETRYING, SUCCESS, WARNING, tolerate
from flowctl.engine.executor.turn import Turn

OWN_ATTEMPTS = ("task", "sleep")
"""Shapes whose attempts end as the work did, whatever is tolerated of it (seen on a real 1.3 and 2.0)."""
TOO_LARGE = 64 * 1024 * 1024


@dataclass(slots=True)
class Outcome:
    """The end of one attempt. `exit` ends the whole execution; `tolerable` False defies `allowFailure`; `log_file` is
    the address of the attempt's log; `encrypted` are the names of outputs that are kept sealed."""

    state: str = SUCCESS
    outputs: dict[str, object] = field(default_factory=dict)
    labels: dict[str, str] | None = None
    variables: dict[str, object] | None = None
    unset: list[str] = field(default_factory=list)
    exit: str | None = None
    tolerable: bool = True
    log_file: str | None = None
    encrypted: list[str] = field(default_factory=list)

    def to_json(self) -> dict[str, object]:
        """Plain data, for an event."""
        return {name: getattr(self, name) for name in FIELDS if getattr(self, name) not in (None, [])}

    @classmethod
    def of(cls, data: Mapping[str, Any]) -> Outcome:
        """From an event that `to_json` made."""
        return cls(**{name: data[name] for name in FIELDS if name in data})


FIELDS = ("state", "outputs", "labels", "variables", "unset", "exit", "tolerable", "log_file", "encrypted")


def settle(turn: Turn, node: Node, run: TaskRun, outcome: Outcome) -> None:
    """A task's attempt has ended: take its outputs and effects over, then retry or end the run."""
    if outcome.outputs:
        run.outputs = without_null_entries(outcome.outputs)
        _seal(turn, run, outcome.encrypted)
    _effects(turn, outcome)
    if run.attempts:
        run.attempts[-1].log_file = outcome.log_file
    run.memo.pop("busy", None)
    run.memo.pop("timeout_at", None)
    interrupted = run.memo.pop("interrupted", None)
    if outcome.state == FAILED and interrupted != "kill" and outcome.exit is None and _retry(turn, node, run):
        return
    state = outcome.state
    if state == SUCCESS and node.retry and node.retry.warning_on_retry and len(run.attempts) > 1:
        state = WARNING
    if outcome.exit is None:
        allow_failure = node.allow_failure and outcome.tolerable
        state = tolerate(state, allow_failure, node.allow_warning)
    turn.move(run, state, outcome.state if node.shape in OWN_ATTEMPTS else None)
    if outcome.exit is not None:
        turn.execution.memo["exit"] = outcome.exit


def _seal(turn: Turn, run: TaskRun, encrypted: Sequence[str]) -> None:
    """Have outputs kept sealed; those of an attempt before are gone."""
    run.memo.pop(ENCRYPTED, None)
    if encrypted:
        run.memo[ENCRYPTED] = [[name] for name in encrypted]
        turn.execution.sealed = True


def _retry(turn: Turn, node: Node, run: TaskRun) -> bool:
    """Whether another attempt is to be made; then the run is RETRYING."""
    if node.retry is None or not run.attempts or (len(run.attempts) > 1 and _failed_beside(turn, node, run)):
        return False
    first = run.memo.get("first_start", run.attempts[0].history[0][1])
    assert isinstance(first, int)
    if node.retry.new_execution:
        return _retry_whole(turn, node, run)
    due = next_attempt(node.retry, len(run.attempts), first, turn.clock(), random.random())
    if due is None:
        return False
    run.memo["retry_at"] = due
    turn.go_on(run, RETRYING)
    return True


def _failed_beside(turn: Turn, node: Node, run: TaskRun) -> bool:
    """Whether another member of the same Parallel or Dag has failed: then no further retry begins (seen on a 2.0)."""
    parent = turn.execution.runs.get(run.parent_id or "")
    around = turn.live.definition.nodes.get(parent.task_id) if parent is not None else None
    if parent is None or around is None or around.shape not in ("parallel", "dag") or node not in around.tasks:
        return False
    members = {member.id for member in around.tasks}
    return any(other.state == FAILED and other.task_id in members for other in turn.execution.group(parent.id).runs)


def _retry_whole(turn: Turn, node: Node, run: TaskRun) -> bool:
    """A retry by a new execution: remembered here, started when this one ends."""
    execution = turn.execution
    policy = node.retry
    assert policy is not None
    if execution.terminal:  # a task of `afterExecution`
        return False
    due = next_attempt(policy, execution.attempt_number, execution.original_created, turn.clock(), random.random())
    if due is None:
        return False
    execution.memo["exit"] = RETRIED
    execution.memo["again_at"] = due
    turn.go_on(run, RETRIED)
    return True


def _effects(turn: Turn, outcome: Outcome) -> None:
    execution = turn.execution
    if outcome.labels:
        execution.labels = label_map([*execution.labels, *plain_labels(execution, outcome.labels.items())])
    if outcome.variables:
        execution.variables = merge_maps(execution.variables, outcome.variables)
        execution.unset = [name for name in execution.unset if not _sets(outcome.variables, name.split("."))]
    for name in outcome.unset:
        if name not in execution.unset:
            execution.unset.append(name)
        execution.variables = _without(execution.variables, name.split("."))


def _sets(variables: object, keys: Sequence[str]) -> bool:
    """Whether variables give a value to the one that the keys lead to."""
    for key in keys:
        if not isinstance(variables, dict):
            return True
        if key not in variables:
            return False
        variables = variables[key]
    return True


def _without(variables: Mapping[str, object], keys: Sequence[str]) -> dict[str, object]:
    """Variables without the one that the keys lead to, from the outside inwards."""
    found, inner = dict(variables), variables.get(keys[0])
    if len(keys) == 1:
        found.pop(keys[0], None)
    elif isinstance(inner, dict):
        found[keys[0]] = _without(inner, keys[1:])
    return found


def without_null_entries(outputs: Mapping[str, object]) -> dict[str, object]:
    """Outputs without their null members."""
    return {
        name: without_null_entries(value) if isinstance(value, dict) else value
        for name, value in outputs.items()
        if value is not None
    }
