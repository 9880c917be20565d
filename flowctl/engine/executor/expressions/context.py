"""The variables that expressions see: flow, execution, inputs, outputs, the task run and the items around it."""

from __future__ import annotations

from collections.abc import Mapping

from flowctl.engine.executor.records.live import Live
from flowctl.engine.executor.records.records import Execution, TaskRun
from flowctl.engine.executor.records.times import iso_time
from flowctl.language.expressions.values import Instant
from flowctl.model.environment import Dialect

TENANT = "main"


def variables_of(
    live: Live, run: TaskRun | None = None, *, ended: bool = False, dialect: Dialect = "lenient"
) -> dict[str, object]:
    """The variables for an expression of a task run, or of the flow itself when `run` is None.

    `ended` adds what only `afterExecution` sees. Who keeps the result beyond the turn has to ask for a
    `Live.snapshot`: the trees of outputs and states are not copied here.
    """
    execution = live.execution
    found: dict[str, object] = {
        "flow": {
            "id": execution.flow_id,
            "namespace": execution.namespace,
            "revision": execution.revision,
            "tenantId": TENANT,
        },
        "execution": _execution(execution, ended or execution.terminal),
        "outputs": live.all_outputs,
        "tasks": live.all_states,
        "labels": nested_labels(execution.labels),
        "parents": [],
        **live.root.constants,
    }
    if live.inputs is not None:
        found["inputs"] = live.inputs
    variables = merged_variables(live)
    if variables is not None:
        found["vars"] = variables
    trigger = live.root.execution.trigger
    if trigger is not None and isinstance(trigger.get("variables"), dict):
        found["trigger"] = trigger["variables"]
    if execution.loop_run is not None:
        found["item"] = item_of(live)
    if run is not None:
        _add_run(found, live, run, dialect)
    return found


def _execution(execution: Execution, ended: bool) -> dict[str, object]:
    found: dict[str, object] = {
        "id": execution.id,
        "startDate": iso_time(execution.history[0][1]),
        "originalId": execution.original_id or execution.id,
        "state": execution.state,
    }
    if ended:
        found["endDate"] = iso_time(execution.history[-1][1])
        if execution.outputs:
            found["outputs"] = execution.outputs
    return found


def _add_run(found: dict[str, object], live: Live, run: TaskRun, dialect: Dialect) -> None:
    node = live.definition.nodes.get(run.task_id)
    found["task"] = {"id": run.task_id, "type": node.type if node else ""}
    found["taskrun"] = taskrun_of(run)
    if node is not None and node.inside is not None:
        _add_worker(found, live, run, node.inside)
    outputs = found["outputs"]
    assert isinstance(outputs, dict)
    if run.task_id not in outputs:
        found["outputs"] = {**outputs, run.task_id: {}}
    parents = _parents(live, run, dialect)
    found["parents"] = parents
    if parents:
        found["parent"] = parents[0]


def _add_worker(found: dict[str, object], live: Live, run: TaskRun, directory: str) -> None:
    """The run of the WorkingDirectory around a task as `workerTaskrun`; its value is the task's own, too."""
    above = next((one for one in live.execution.ancestors(run) if one.task_id == directory), None)
    if above is not None:
        found["workerTaskrun"] = taskrun_of(above)
        if above.value is not None:
            found["taskrun"] = {**taskrun_of(run), "value": above.value}


def taskrun_of(run: TaskRun) -> dict[str, object]:
    """The variable `taskrun`."""
    at = run.started_at
    found: dict[str, object] = {
        "id": run.id,
        "startDate": Instant(at // 1_000_000, at % 1_000_000 * 1000),
        "attemptsCount": sum(attempt.state not in ("CREATED", "RUNNING") for attempt in run.attempts),
    }
    for name, value in (("parentId", run.parent_id), ("value", run.value), ("iteration", run.iteration)):
        if value is not None:
            found[name] = value
    if isinstance(run.memo.get("items_uri"), str):
        found["items"] = run.memo["items_uri"]
    return found


def _parents(live: Live, run: TaskRun, dialect: Dialect) -> list[dict[str, object]]:
    """The runs around a run, nearest first: in 2.0 all but WorkingDirectories, by their tasks, in 1.3 those that have
    something, by that (both seen there); lenient has the union."""
    around = live.execution.ancestors(run)
    if dialect == "2.0":
        return [{"task": {"id": above.task_id}} for above in around if not _is_directory(live, above)]
    told = [above for above in around if above.value is not None or above.outputs]
    return [_said(above) if dialect == "1.3" else _ancestor(above) for above in told]


def _is_directory(live: Live, run: TaskRun) -> bool:
    node = live.definition.nodes.get(run.task_id)
    return node is not None and node.shape == "directory"


def _said(run: TaskRun) -> dict[str, object]:
    value = {"taskrun": {"value": run.value}} if run.value is not None else {}
    return {**value, **({"outputs": run.outputs} if run.outputs else {})}


def _ancestor(run: TaskRun) -> dict[str, object]:
    found: dict[str, object] = {"task": {"id": run.task_id}, "taskrun": {}, "outputs": run.outputs}
    if run.value is not None:
        found["taskrun"] = {"value": run.value}
    return found


def item_of(live: Live) -> dict[str, object]:
    """The variable `item` of an iteration; `parents` are the items around it, outermost first."""
    loop_run = live.execution.loop_run
    assert loop_run is not None
    found = _item(loop_run)
    parents: list[object] = []
    above = live.parent
    while above is not None and above.execution.loop_run is not None:
        parents.insert(0, _item(above.execution.loop_run))
        above = above.parent
    if parents:
        found["parent"] = parents[-1]
    found["parents"] = parents
    return found


def _item(loop_run: Mapping[str, object]) -> dict[str, object]:
    return {name: loop_run[name] for name in ("value", "index", "key") if loop_run.get(name) is not None}


def merged_variables(live: Live) -> dict[str, object] | None:
    """The flow's variables with those that tasks set and removed; None when there never were any."""
    declared = live.definition.value.get("variables")
    base: dict[str, object] | None = without_nulls(declared) if isinstance(declared, dict) else None
    chain: list[Execution] = []
    at: Live | None = live
    while at is not None:
        chain.insert(0, at.execution)
        at = at.parent
    for execution in chain:
        if execution.variables or execution.unset:
            base = merge_maps(base or {}, execution.variables)
            for name in execution.unset:
                remove(base, name)
    return base


def without_nulls(value: Mapping[str, object]) -> dict[str, object]:
    """A map without its null entries, at any depth of maps."""
    return {
        key: without_nulls(item) if isinstance(item, dict) else item for key, item in value.items() if item is not None
    }


def merge_maps(base: Mapping[str, object], more: Mapping[str, object]) -> dict[str, object]:
    """`base` with `more` laid over it, deeply."""
    result = dict(base)
    for key, value in more.items():
        below = result.get(key)
        result[key] = merge_maps(below, value) if isinstance(below, dict) and isinstance(value, dict) else value
    return result


def remove(tree: dict[str, object], name: str) -> None:
    """Take `a.b` out of nested maps; copies along the path."""
    head, _, rest = name.partition(".")
    below = tree.get(head)
    if not rest:
        tree.pop(head, None)
    elif isinstance(below, dict):
        fresh = dict(below)
        remove(fresh, rest)
        tree[head] = fresh


def nested_labels(labels: list[tuple[str, str]]) -> dict[str, object]:
    """Labels as a map, dotted keys nested."""
    found: dict[str, object] = {}
    for key, value in labels:
        node = found
        *path, last = key.split(".")
        for part in path:
            below = node.get(part)
            if not isinstance(below, dict):
                below = node[part] = {}
            node = below
        node[last] = value
    return found
