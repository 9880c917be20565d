"""Playing recorded flows with the bundled server in process, and comparing what happened.

Each flow is validated, saved and run once; what is kept is what the recording has. Namespaces are renamed before and
back after, so that nothing can depend on a recorded name. Ids, dates and storage addresses become placeholders.
"""

from __future__ import annotations

import json
import re
import threading
from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import yaml

from flowctl.engine.api.runtime import PART
from flowctl.engine.executor.assembling import assemble
from flowctl.engine.executor.executor import Executor
from flowctl.engine.executor.records.records import Execution, TaskRun
from flowctl.engine.store.tables import executions, logs, steps
from flowctl.model.environment import Dialect
from tests.engine.api.server import YAML, Server, running

FOLDER = Path(__file__).parent
GIVEN = {
    "string": "myString",
    "enum": "ENUM_VALUE",
    "int": "42",
    "float": "42.42",
    "bool": "false",
    "instant": "2019-10-06T18:27:49Z",
    "date": "2019-10-06",
    "time": "18:27:49",
    "duration": "PT5M6S",
    "json": '{"a":"b"}',
    "uri": "https://www.google.com",
    "nested.string": "a string",
    "nested.more.int": "123",
    "nested.bool": "true",
    "validatedString": "A123",
    "validatedInt": "12",
    "validatedDate": "2023-01-02",
    "validatedDateTime": "2023-01-01T00:00:10Z",
    "validatedDuration": "PT15S",
    "validatedFloat": "0.42",
    "validatedTime": "11:27:49",
    "secret": "secret",
    "array": "[1,2,3]",
}
IDENT = re.compile(r"\b(?=[0-9A-Za-z]*[0-9])(?=[0-9A-Za-z]*[A-Z])(?=[0-9A-Za-z]*[a-z])[0-9A-Za-z]{20,22}\b")
STAMP = re.compile(r"\b\d{4}-\d\d-\d\dT\d\d:\d\d(:\d\d(\.\d+)?)?(Z|[+-]\d\d:\d\d)?(\[[\w/]+\])?")
UUID = re.compile(r"\b[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}\b")
DEADLINE, JOBS = 120.0, 12
ASPECTS = ("valid", "save", "start", "state", "taskRuns", "iterations", "outputs", "labels")
Recording = dict[str, Any]  # JSON of the recordings


def scrub(value: object, ids: list[str]) -> Any:
    """A value with placeholders for what differs from run to run."""
    if isinstance(value, dict):
        return {key: scrub(item, ids) for key, item in sorted(value.items())}
    if isinstance(value, list):
        return [scrub(item, ids) for item in value]
    if isinstance(value, str):
        for id_ in ids:
            value = value.replace(id_, "<exec>")
        if value.startswith("kestra://"):
            return "<storage>"
        return IDENT.sub("<id>", UUID.sub("<uuid>", STAMP.sub("<time>", value)))
    return value


def task_runs(execution: Execution, ids: list[str]) -> list[Recording]:
    """One row per task run, sorted as the recordings are."""
    ids += [execution.id, *execution.runs]
    rows = [_row(execution, run, ids) for run in execution.runs.values()]
    return sorted(
        rows, key=lambda t: (t["task"], str(t["parentValue"]), str(t["value"]), str(t["iteration"]), t["state"])
    )


def _row(execution: Execution, run: TaskRun, ids: list[str]) -> Recording:
    parent = execution.runs.get(run.parent_id) if run.parent_id else None
    return {
        "task": run.task_id,
        "value": scrub(run.value, ids),
        "parent": parent.task_id if parent else None,
        "parentValue": scrub(parent.value, ids) if parent else None,
        "iteration": run.iteration,
        "state": run.state,
        "attempts": len(run.attempts),
        "outputs": scrub(run.outputs, ids),
    }


class Player:
    """Plays the flows of one area with one server."""

    def __init__(self, server: Server, executor: Executor, rename: tuple[str, str]) -> None:
        self.server, self.executor, self.rename = server, executor, rename

    def renamed(self, text: str) -> str:
        """A text with the area's namespace renamed."""
        old, new = self.rename
        return text.replace(old, new).replace(old.replace(".", "/"), new.replace(".", "/"))

    def play(self, source: str, given: Mapping[str, str]) -> Recording:
        """What happens to one flow."""
        source = self.renamed(source)
        out: Recording = {}
        verdict = self.server.post("/flows/validate", content=source, headers=YAML).json()[0]
        out["valid"] = not verdict.get("constraints")
        try:
            document = yaml.load(source, yaml.CSafeLoader)
            key = str(document["namespace"]), str(document["id"])
        except Exception:  # a recorded flow may be no flow at all
            return out
        saved = self.server.save(source)
        if saved.status_code in (409, 422) and "exist" in saved.text.lower():
            saved = self.server.update(*key, source)
        out["save"] = saved.status_code < 300
        if out["save"]:
            self._run(out, document, key, given)
        return out

    def _run(self, out: Recording, document: Any, key: tuple[str, str], given: Mapping[str, str]) -> None:
        declared = {i["id"]: i for i in document.get("inputs") or [] if isinstance(i, dict) and "id" in i}
        parts: dict[str, tuple[str | None, Any]] = {
            name: (None, value) for name, value in {**GIVEN, **given}.items() if name in declared
        }
        for name, item in declared.items():
            if item.get("type") == "FILE":
                parts[name] = ("data.txt", b"hello from flowctl\n")
        answer = self.server.post(f"/executions/{key[0]}/{key[1]}", files=parts or {"__none": (None, "x")})
        out["start"] = answer.status_code < 300
        if out["start"]:
            self._ended(out, self._wait(answer.json()["id"]))

    def _wait(self, id_: str) -> Execution:
        changed = threading.Event()
        stop = self.executor.hub.listen(id_, lambda _: changed.set())
        try:
            while True:
                changed.clear()
                found = self.server.store.read(lambda connection: executions.read(connection, id_))
                assert found is not None
                open_steps = self.server.store.read(lambda c: dict(steps.due(c)))
                if found.terminal and id_ not in open_steps:
                    return found
                assert changed.wait(DEADLINE), f"{found.namespace}.{found.flow_id} hangs in {found.state}"
        finally:
            stop()

    def _ended(self, out: Recording, execution: Execution) -> None:
        ids: list[str] = []
        out["state"] = execution.state
        out["taskRuns"] = task_runs(execution, ids)
        found = self._iterations(execution, ids)
        out["iterations"] = found or None
        out["outputs"] = scrub(execution.outputs or {}, ids)
        labels = [pair for pair in execution.labels if pair[0] != "system.correlationId"]
        out["labels"] = sorted(f"{key}={scrub(value, ids)}" for key, value in labels)
        lines = self.server.store.read(lambda c: logs.of_execution(c, execution.id, min_level="INFO"))
        out["logs"] = sorted(
            f"{line.level} {line.task_id}: {scrub(line.message, ids)[:300]}" for line in lines if line.task_id
        )

    def _iterations(self, execution: Execution, ids: list[str]) -> list[Recording]:
        rows = self.server.store.read(
            lambda c: c.execute("SELECT id, parent_id FROM executions WHERE kind = 'LOOP' ORDER BY rowid").fetchall()
        )
        known, found = {execution.id}, []
        for id_, parent in rows:
            if parent in known:
                known.add(id_)
                found.append(id_)
        return sorted((self._iteration(id_, ids) for id_ in found), key=json.dumps)

    def _iteration(self, id_: str, ids: list[str]) -> Recording:
        one = self.server.store.read(lambda connection: executions.read(connection, id_))
        assert one is not None and one.loop_run is not None
        item = {k: v for k, v in one.loop_run.items() if k in ("index", "value", "key", "taskId")}
        return {"state": one.state, "item": scrub(item, ids), "taskRuns": task_runs(one, ids)}


@contextmanager
def player(directory: Path, area: str, dialect: Dialect) -> Iterator[Player]:
    """A player over a server of its own."""
    with running(directory, dialect) as server:
        executor = assemble(server.store, directory, dialect, environ={})
        server.app.state.context.parts[PART] = executor
        executor.start()
        try:
            yield Player(server, executor, (f"contract.{area}", f"varied.place.{area}x"))
        finally:
            executor.close()


def play_area(directory: Path, area: str, dialect: Dialect) -> dict[str, Recording]:
    """What happened to every flow of an area, by file name, with the namespace renamed back."""
    files = sorted((FOLDER / "flows" / area).glob("*.yaml"))
    given = json.loads((FOLDER / "recorded" / "inputs-given.json").read_text("utf-8")) if area == "inputs" else {}
    with player(directory, area, dialect) as found, ThreadPoolExecutor(JOBS) as pool:
        for file in files:
            found.server.save(found.renamed(file.read_text("utf-8")))

        def play(file: Path) -> tuple[str, Recording]:
            return file.name, found.play(file.read_text("utf-8"), given.get(file.name, {}))

        children = [file for file in files if file.name.startswith("_")]  # first: some have a limit of one at a time
        back = dict(pool.map(play, children))
        back |= pool.map(play, [file for file in files if file not in children])
        text = json.dumps(back)
        original, renamed = found.rename
        for old, new in ((renamed, original), (renamed.replace(".", "/"), original.replace(".", "/"))):
            text = text.replace(old, new)
        return dict(json.loads(text))


def aspects(recorded: Recording) -> Recording:
    """The comparable parts of a recording."""
    found = {name: recorded.get(name) for name in ASPECTS}
    found["valid"] = (recorded.get("validate") or {}).get("valid")
    for name in ("save", "start"):
        found[name] = None if recorded.get(name) is None else recorded[name] < 300
    return found


def differing(area: str, played: Mapping[str, Recording]) -> dict[str, list[str]]:
    """The flows that differ from their recording, with the aspects that do."""
    recorded = json.loads((FOLDER / "recorded" / f"{area}.json").read_text("utf-8"))
    found = {}
    for name in sorted(recorded):
        expected, got = aspects(recorded[name]), played.get(name, {})
        wrong = [aspect for aspect in ASPECTS if expected[aspect] != got.get(aspect)]
        if wrong:
            found[name] = wrong
    return found
