"""What a flow trigger sees of the execution that it looks at, and gives to the one that it starts."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from flowctl.engine.executor.expressions.context import nested_labels, variables_of
from flowctl.engine.executor.records.definition import Definition
from flowctl.engine.executor.records.live import Live
from flowctl.engine.executor.records.records import Execution
from flowctl.engine.executor.records.secretplaces import SECRET_OUTPUTS, Place, below, secret_values
from flowctl.engine.executor.records.times import iso_time
from flowctl.engine.scheduler.events import StateEvent

Entry = dict[str, object]


@dataclass(frozen=True, slots=True)
class Seen:
    """What expressions see of an execution that came into a state: `subject` for conditions, inputs and labels, which
    belong to the trigger's flow, and `flow`, its own, for `when`."""

    subject: Mapping[str, object]
    flow: Mapping[str, object]


def seen_of(source: Execution, event: StateEvent) -> Seen:
    """An execution with its task runs. `outputs` are those of its tasks, beside those of its flow."""
    live = Live(source, Definition(source.namespace, source.flow_id, source.revision, {}, (), (), (), (), {}))
    live.rebuild()
    found = variables_of(live)
    flow, execution, outputs = found["flow"], found["execution"], found["outputs"]
    assert isinstance(flow, dict)
    assert isinstance(execution, dict)
    assert isinstance(outputs, dict)
    subject = {
        "namespace": source.namespace,
        "flowId": source.flow_id,
        "state": event.state,
        "execution": {**execution, "state": event.state},
        "tasks": found["tasks"],
        "labels": nested_labels(source.labels),
        "outputs": {**(source.outputs or {}), **outputs},
        "hasRetryAttempt": source.attempt_number > 1,
    }
    return Seen(subject, flow)


def trigger_variables(source: Execution, event: StateEvent) -> dict[str, object]:
    """`trigger.*` of the execution that is started; no labels of the system (seen on a real 1.3 and 2.0)."""
    found: dict[str, object] = {
        "executionId": source.id,
        "namespace": source.namespace,
        "flowId": source.flow_id,
        "flowRevision": source.revision,
        "state": event.state,
        "executionLabels": {key: value for key, value in source.labels if not key.startswith("system.")},
        "startDate": iso_time(source.history[0][1]),
        "outputs": source.outputs or {},
    }
    if source.terminal:
        found["endDate"] = iso_time(source.history[-1][1])
    return found


def notable_tasks(source: Execution) -> dict[str, object]:
    """`firstFailedTaskId` and `lastTaskId`, as far as there are such."""
    runs = list(source.runs.values())
    failed = [run.task_id for run in runs if run.state == "FAILED"]
    found: dict[str, object] = {"firstFailedTaskId": failed[0]} if failed else {}
    return found | ({"lastTaskId": runs[-1].task_id} if runs else {})


def entry_of(source: Execution, digest: str) -> Entry:
    """What is remembered of an execution that met a dependency. `told`: it has to do with these secret values."""
    outputs = dict(source.outputs or {})
    entry: Entry = {"namespace": source.namespace, "flowId": source.flow_id, "outputs": outputs, "of": digest}
    if source.sealed:
        entry |= {"secret": source.memo.get(SECRET_OUTPUTS, []), "told": list(secret_values(source))}
    return entry


def outputs_of(last: Entry, met: Sequence[Entry]) -> dict[str, object]:
    """`trigger.outputs`: of the last execution by their names, of all by flow, and by namespace and flow."""
    found = dict(last["outputs"]) if isinstance(last["outputs"], dict) else {}
    found |= {str(one["flowId"]): one["outputs"] for one in met}
    for one in met:
        namespace = str(one.get("namespace"))
        flows = found.get(namespace)
        found[namespace] = {**(flows if isinstance(flows, dict) else {}), str(one["flowId"]): one["outputs"]}
    return found


def secret_places(last: Entry, met: Sequence[Entry]) -> Iterator[Place]:
    """Where among the variables SECRET outputs are."""
    yield from below(["outputs"], last.get("secret"))
    for one in met:
        flow, namespace = str(one["flowId"]), str(one.get("namespace"))
        yield from below(["outputs", flow], one.get("secret"))
        yield from below(["outputs", namespace, flow], one.get("secret"))


def told_by(met: Sequence[Entry]) -> list[str] | None:
    """The secret values that executions know; None when none of them has to do with any."""
    told = [values for one in met if isinstance(values := one.get("told"), list)]
    return [value for values in told for value in values] if told else None
