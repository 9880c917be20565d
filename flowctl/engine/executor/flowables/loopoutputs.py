"""What a Loop gathers from its iterations."""

from __future__ import annotations

from collections.abc import Mapping

from flowctl.engine.executor.deciding.looping import attempt_began
from flowctl.engine.executor.performer import Performer
from flowctl.engine.executor.records.definition import Node
from flowctl.engine.executor.records.records import TaskRun
from flowctl.engine.executor.records.secretplaces import EACH, SECRETS, below, concealed, secret_outputs
from flowctl.engine.executor.tasks.run_context import TaskFiles
from flowctl.engine.store.jsontext import dump
from flowctl.engine.store.tables import executions


def collect_loop(performer: Performer, node: Node, run: TaskRun) -> None:
    """At the end of a Loop that declares outputs: gather those of its iterations, in the order of the items."""
    if not node.properties.get("outputs"):
        return
    id_, since = performer.turn.execution.id, attempt_began(run)
    found = performer.services.store.read(lambda connection: executions.iterations(connection, id_, run.id, since))
    rows: list[dict[str, object]] = [
        {"item": _shown(loop_run), "outputs": outputs} for loop_run, outputs in sorted(found, key=_index)
    ]
    places = below([EACH, "outputs"], secret_outputs(node.properties.get("outputs")))
    if _kept_in_files(node, run):
        rows = concealed(places, rows)  # a file is nothing that is sealed
        rows = [_stored(performer, run, row) for row in rows]
    if rows:
        run.outputs = {**run.outputs, "outputs": rows}
        if places:
            run.memo[SECRETS] = below(["outputs"], places)


def _kept_in_files(node: Node, run: TaskRun) -> bool:
    """Asked for; or left open by a Loop over the rows of a file (seen on a real 2.0)."""
    wish = node.properties.get("fetchType")
    return wish == "STORE" or (wish in (None, "AUTO") and "offset" in run.memo)


def _index(pair: tuple[dict[str, object], object]) -> int:
    index = pair[0].get("index")
    return index if isinstance(index, int) else 0


def _shown(loop_run: Mapping[str, object]) -> dict[str, object]:
    found = {"value": loop_run.get("value"), "iteration": loop_run.get("index"), "key": loop_run.get("key")}
    return {name: value for name, value in found.items() if value is not None}


def _stored(performer: Performer, run: TaskRun, row: dict[str, object]) -> dict[str, object]:
    files = TaskFiles(performer.services, performer.place(run))
    item = row["item"]
    index = item.get("iteration", 0) if isinstance(item, dict) else 0
    return {"item": item, "outputs": {"uri": files.put(f"outputs-{index}.json", dump(row["outputs"]))}}
