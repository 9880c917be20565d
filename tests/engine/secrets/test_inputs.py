"""SECRET inputs in the store: sealed, with the real executor, also those that an older flowctl stored in clear."""

from __future__ import annotations

import sqlite3
from pathlib import Path

import pytest

from flowctl.engine.executor.lifecycle import actions
from flowctl.engine.executor.lifecycle.replaying import replay
from flowctl.engine.executor.records.records import Execution
from flowctl.engine.secrets.vault import FILE_NAME
from flowctl.engine.store import executions
from flowctl.engine.store.jsontext import dump, load
from flowctl.engine.store.migrating import migrations
from flowctl.errors import ServerError
from tests.engine.running import Engine, engine, flow, output

HOLD = "  - {id: hold, type: io.kestra.plugin.core.flow.Pause, onResume: [{id: more, type: SECRET}]}\n"
TELL = (
    "  - {id: tell, type: io.kestra.plugin.core.debug.Return, format: "
    "'{{ inputs.pass | length }} {{ inputs.list[0] | length }} {{ outputs.hold.onResume.more | length }}'}\n"
)
INPUTS = "inputs: [{id: pass, type: SECRET}, {id: list, type: ARRAY, itemType: SECRET}]\n"
SOURCE = flow(HOLD + TELL, INPUTS)
GIVEN, MORE = "secret-as-given", "secret-at-resume"
TOLD = f"{len(GIVEN)} {len('secret-in-list')} {len(MORE)}"


def held(running: Engine) -> str:
    """An execution that waits in its Pause."""
    id_ = running.start(*running.save(SOURCE), **{"pass": GIVEN, "list": '["secret-in-list"]'})
    running.wait_state(id_, "PAUSED")
    return id_


def resume(running: Engine, id_: str) -> Execution:
    running.command(id_, lambda performer: actions.resume(performer, {"more": MORE}))
    return running.wait(id_)


def stored(directory: Path) -> bytes:
    return b"".join(path.read_bytes() for path in directory.glob("flowctl.db*"))


def test_the_database_never_has_a_value_of_a_secret_input(tmp_path: Path) -> None:
    with engine(tmp_path) as running:
        ended = resume(running, held(running))
        assert output(ended, "tell")["value"] == TOLD
        assert ended.inputs == {"pass": "******", "list": ["******"]}
        assert output(ended, "hold")["onResume"] == {"more": "******"}
        assert b"secret-" not in stored(tmp_path)
    assert b"secret-" not in stored(tmp_path)


def test_another_process_goes_on_with_the_values(tmp_path: Path) -> None:
    with engine(tmp_path) as running:
        id_ = held(running)
    with engine(tmp_path) as running:
        assert output(resume(running, id_), "tell")["value"] == TOLD


def test_a_replay_has_the_values(tmp_path: Path) -> None:
    with engine(tmp_path) as running:
        old = resume(running, held(running))
        services = running.executor.services
        services.vault.inputs.fill(old)
        run = next(run.id for run in old.runs.values() if run.task_id == "tell")
        new = replay(old, services.flows.latest("test.engine", "f").definition, services.clock(), run)
        services.vault.inputs.keep(new)
        running.store.write(lambda connection: executions.insert(connection, new)).result()
        running.executor.ready(new.id)
        assert output(running.wait(new.id), "tell")["value"] == TOLD
        assert b"secret-" not in stored(tmp_path)


def test_a_deleted_execution_leaves_no_sealed_values(tmp_path: Path) -> None:
    with engine(tmp_path) as running:
        ended = resume(running, held(running))
        running.store.write(lambda connection: executions.delete(connection, ended)).result()
        assert running.store.read(_count) == 0


def _count(connection: sqlite3.Connection) -> int:
    return int(connection.execute("SELECT count(*) FROM sealed_inputs").fetchone()[0])


def test_a_rotation_between_two_steps_loses_nothing(tmp_path: Path) -> None:
    with engine(tmp_path) as running:
        id_ = held(running)
        before = (tmp_path / FILE_NAME).read_text()
        running.executor.services.vault.rotate()
        assert (tmp_path / FILE_NAME).read_text() != before
    with engine(tmp_path) as running:
        running.executor.services.vault.rotate()
        assert output(resume(running, id_), "tell")["value"] == TOLD


def test_what_an_older_flowctl_stored_in_clear_is_sealed_at_the_start(tmp_path: Path) -> None:
    with engine(tmp_path) as running:
        id_ = held(running)
        done = resume(running, held(running)).id
        running.store.write(_as_before).result()
        assert b"secret-as-given" in stored(tmp_path)
    with engine(tmp_path) as running:
        assert running.read(id_).inputs == {"pass": "******", "list": ["******"]}
        assert output(running.read(done), "hold")["onResume"] == {"more": "******"}
        assert sorted(running.executor.services.vault.inputs.values(done)) == sorted([GIVEN, "secret-in-list", MORE])
        assert output(resume(running, id_), "tell")["value"] == TOLD
    assert b"secret-" not in (tmp_path / "flowctl.db").read_bytes()


def _as_before(connection: sqlite3.Connection) -> None:
    """The rows as they were before values were sealed, and what the migration makes of them."""
    for id_, data in connection.execute("SELECT id, document FROM executions").fetchall():
        document = load(data)
        assert isinstance(document, dict)
        document["inputs"] = {"pass": GIVEN, "list": ["secret-in-list"]}
        connection.execute("UPDATE executions SET document = ? WHERE id = ?", (dump(document), id_))
    outputs = dump({"onResume": {"more": MORE}})
    connection.execute("UPDATE task_runs SET outputs = ? WHERE CAST(outputs AS TEXT) LIKE '%onResume%'", (outputs,))
    connection.execute("DELETE FROM sealed_inputs")
    step = next(step.sql for step in migrations() if step.name == "sealed_inputs")
    connection.execute(step[step.index("INSERT INTO unsealed") :])


def test_without_its_key_an_execution_waits(tmp_path: Path) -> None:
    with engine(tmp_path) as running:
        id_ = held(running)
    key = (tmp_path / FILE_NAME).rename(tmp_path / "elsewhere")
    with engine(tmp_path) as running:
        future = running.executor.command(id_, lambda performer: actions.resume(performer, {"more": MORE}))
        with pytest.raises(ServerError, match="sealed by the key"):
            future.result(5)
        assert running.read(id_).state == "PAUSED"
    key.rename(tmp_path / FILE_NAME)
    with engine(tmp_path) as running:
        assert output(resume(running, id_), "tell")["value"] == TOLD
