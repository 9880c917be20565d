"""What of an execution runs again when it is restarted."""

from __future__ import annotations

from flowctl.engine.executor.lifecycle.refusals import WrongState
from flowctl.engine.executor.records.definition import Definition, Node
from flowctl.engine.executor.records.records import Execution, TaskRun
from flowctl.engine.executor.records.states import FAILED, PAUSED, SKIPPED, SUCCESS, WARNING


def failed_runs(definition: Definition, execution: Execution) -> list[TaskRun]:
    """What a restart begins with.

    Raises:
        WrongState: it has not ended, or nothing failed.
    """
    if not execution.terminal and execution.state != PAUSED:
        raise WrongState(f"the execution is {execution.state}; only an ended or paused one can be restarted")
    failed = to_restart(definition, execution)
    if not failed:
        raise WrongState("No task found to restart execution from!")
    return failed


def to_restart(definition: Definition, execution: Execution) -> list[TaskRun]:
    """The runs that a restart begins with: failed or paused, with none such below them, and no handler's. What is below
    them is taken out. A WorkingDirectory begins anew as a whole: the files of its tasks are gone. A failure that a
    group has tolerated stays as it is, unless there is no other."""
    apart = handlers(definition, execution)
    unwell = [run for run in execution.runs.values() if run.state in (FAILED, PAUSED) and run.id not in apart]
    well = (SUCCESS, WARNING, SKIPPED)
    unwell = [run for run in unwell if all(one.state not in well for one in execution.ancestors(run))] or unwell
    above = {run.parent_id for run in unwell}
    found = (whole(definition, execution, run) for run in unwell if run.id not in above)
    return list({run.id: run for run in found}.values())


def whole(definition: Definition, execution: Execution, run: TaskRun) -> TaskRun:
    """The WorkingDirectory that a run is in, else the run itself."""
    for above in execution.ancestors(run):
        node = definition.nodes.get(above.task_id)
        if node is not None and node.shape == "directory":
            return above
    return run


def later_runs(definition: Definition, execution: Execution, start: TaskRun) -> set[str]:
    """The ids of the runs that come after one, with all below them. In a Parallel and a Dag only those do that wait for
    it; a member beside it that did not end well counts as well, so that it runs again."""
    found: list[TaskRun] = []
    for run in (start, *execution.ancestors(start)):
        parent = execution.runs.get(run.parent_id) if run.parent_id else None
        node = definition.nodes.get(parent.task_id) if parent is not None else None
        beside = _beside(node, run)
        for other in execution.group(run.parent_id).runs:
            if other.task_id in beside and other.id != run.id:
                found += [other] * (other.state not in (SUCCESS, WARNING, SKIPPED))
            elif other.position > run.position:
                found.append(other)
    return {below.id for run in found for below in (run, *execution.descendants(run.id))}


def _beside(node: Node | None, run: TaskRun) -> frozenset[str]:
    """The members of a Parallel or Dag that do not wait for one of them."""
    if node is None or node.shape not in ("parallel", "dag"):
        return frozenset()
    names = [member.id for member in node.tasks]
    waiting = {run.task_id}
    for _ in names:
        waiting |= {name for name in names if waiting & set(node.depends.get(name, ()))}
    return frozenset(names) - waiting if run.task_id in names else frozenset()


def handlers(definition: Definition, execution: Execution) -> dict[str, TaskRun]:
    """The runs of `errors`, `finally` and `afterExecution`, with all below them, by id."""
    names = {node.id for nodes in (definition.errors, definition.finally_, definition.after) for node in nodes}
    for node in definition.nodes.values():
        names |= {inner.id for name in ("errors", "finally") for inner in node.lists.get(name, ())}
    found: dict[str, TaskRun] = {}
    for run in execution.runs.values():
        if run.task_id in names:
            found |= {other.id: other for other in (run, *execution.descendants(run.id))}
    return found


def forget(run: TaskRun) -> None:
    """Take away what belongs to the last time that a run was started."""
    for name in ("busy", "interrupted", "retry_at", "until", "timeout_at", "child", "items", "decision"):
        run.memo.pop(name, None)
    if run.value is None:
        run.iteration = None  # of a LoopUntil: the number of its round
