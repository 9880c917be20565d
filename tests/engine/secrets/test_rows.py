"""Executions with secrets in the store: sealed, with the real executor, also those that an older flowctl stored."""

from __future__ import annotations

import json
import sqlite3
from datetime import UTC, datetime
from pathlib import Path

import pytest

from flowctl.engine.executor.lifecycle import actions
from flowctl.engine.executor.lifecycle.refusals import WrongState
from flowctl.engine.executor.lifecycle.replaying import replay
from flowctl.engine.executor.records.records import Execution
from flowctl.engine.executor.records.secretplaces import secret_values, veil
from flowctl.engine.scheduler import events, rows
from flowctl.engine.scheduler.backfills import Backfill
from flowctl.engine.secrets import keyring
from flowctl.engine.secrets import rows as secret_rows
from flowctl.engine.secrets.keyring import Keyring
from flowctl.engine.secrets.sealing import seal
from flowctl.engine.secrets.vault import FILE_NAME
from flowctl.engine.store.jsontext import dump
from flowctl.engine.store.sealed import TABLES
from flowctl.engine.store.tables import executions, steps
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
        assert ended.inputs == {"pass": GIVEN, "list": ["secret-in-list"]}
        assert output(ended, "hold")["onResume"] == {"more": MORE}
        assert b"secret-" not in stored(tmp_path)
    assert b"secret-" not in stored(tmp_path)


def test_a_record_that_may_be_seen_has_asterisks(tmp_path: Path) -> None:
    with engine(tmp_path) as running:
        ended = resume(running, held(running))
        veil(ended)
        assert ended.inputs == {"pass": "******", "list": ["******"]}
        assert output(ended, "hold")["onResume"] == {"more": "******"}


def test_another_process_goes_on_with_the_values(tmp_path: Path) -> None:
    with engine(tmp_path) as running:
        id_ = held(running)
    with engine(tmp_path) as running:
        assert output(resume(running, id_), "tell")["value"] == TOLD


def test_a_replay_has_the_values(tmp_path: Path) -> None:
    with engine(tmp_path) as running:
        old = resume(running, held(running))
        services = running.executor.services
        run = next(run.id for run in old.runs.values() if run.task_id == "tell")
        new = replay(old, services.flows.latest("test.engine", "f").definition, services.clock(), run)
        running.store.write(lambda connection: executions.insert(connection, new)).result()
        running.executor.ready(new.id)
        assert output(running.wait(new.id), "tell")["value"] == TOLD
        assert b"secret-" not in stored(tmp_path)


def test_a_rotation_between_two_steps_loses_nothing(tmp_path: Path) -> None:
    with engine(tmp_path) as running:
        id_ = held(running)
        before = (tmp_path / FILE_NAME).read_text()
        running.executor.services.vault.rotate()
        assert (tmp_path / FILE_NAME).read_text() != before
        assert running.read(id_).inputs == {"pass": GIVEN, "list": ["secret-in-list"]}
    with engine(tmp_path) as running:
        running.executor.services.vault.rotate()
        assert output(resume(running, id_), "tell")["value"] == TOLD
    assert b"secret-" not in stored(tmp_path)


def test_a_rotation_seals_every_table_anew(tmp_path: Path) -> None:
    with engine(tmp_path) as running:
        held(running)
        running.store.write(_fill_every_table).result()
        running.executor.services.vault.rotate()
        (current,) = json.loads((tmp_path / FILE_NAME).read_text())["keys"]
        for table in TABLES:
            names = running.store.read(lambda c: c.execute(f"SELECT DISTINCT key_id FROM {table.name}").fetchall())  # noqa: B023
            assert (current,) in names, table.name
            assert set(names) <= {(current,), (None,)}, table.name
        assert running.store.read(lambda c: events.met(c, ("n", "f", "t"), "d"))[0][1]["told"] == ["secret-met"]
        row = running.store.read(lambda c: rows.one(c, ("n", "f", "t")))
        assert row is not None
        assert row.backfill is not None
        assert row.backfill.inputs == {"token": "secret-of-a-backfill"}
    assert b"secret-" not in stored(tmp_path)


def _fill_every_table(connection: sqlite3.Connection) -> None:
    execution = executions.head(connection, connection.execute("SELECT id FROM executions").fetchone()[0])
    assert execution is not None
    executions.put_items(connection, execution, "run", [("secret-key", "secret-item")])
    steps.tell(connection, "another", {"type": "x", "secret": "secret-told"}, sealed=True)
    events.put_met(connection, ("n", "f", "t"), 0, 1, {"told": ["secret-met"], "of": "d"})
    connection.execute(
        "INSERT INTO triggers (namespace, flow_id, trigger_id, kind, disabled, off_in_text, updated_ms, definition) "
        "VALUES ('n', 'f', 't', 'SCHEDULE', 0, 0, 0, '{}')"
    )
    at = datetime(2026, 1, 1, tzinfo=UTC)
    backfill = Backfill(at, at, at, inputs={"token": "secret-of-a-backfill"}, secret=(["token"],))
    rows.put_backfill(connection, ("n", "f", "t"), backfill, 1)


@pytest.mark.parametrize("values_apart", [True, False])
def test_what_an_older_flowctl_stored_is_sealed_at_the_start(tmp_path: Path, values_apart: bool) -> None:
    with engine(tmp_path) as running:
        id_ = held(running)
        done = resume(running, held(running)).id
        ring = running.executor.services.vault._keys()
        running.store.write(lambda connection: _as_before(connection, ring, values_apart)).result()
        assert (b"secret-as-given" in stored(tmp_path)) != values_apart
    with engine(tmp_path) as running:
        assert running.read(id_).inputs == {"pass": GIVEN, "list": ["secret-in-list"]}
        ended = running.read(done)
        assert output(ended, "hold")["onResume"] == {"more": MORE}
        assert sorted(set(secret_values(ended))) == sorted([GIVEN, "secret-in-list", MORE])
        assert running.store.read(lambda c: c.execute("SELECT count(*) FROM sealed_inputs").fetchone()) == (0,)
        assert output(resume(running, id_), "tell")["value"] == TOLD
    assert b"secret-" not in (tmp_path / "flowctl.db").read_bytes()


def _as_before(connection: sqlite3.Connection, ring: Keyring, values_apart: bool) -> None:
    """The store as version 15 had it, with the values in a table of their own or (an older one) in clear."""
    ids = [row[0] for row in connection.execute("SELECT id FROM executions")]
    for id_ in ids:
        execution = executions.read(connection, id_)
        assert execution is not None
        if values_apart:
            _keep_apart(connection, ring, execution)
            veil(execution)
        else:
            connection.execute("INSERT INTO unsealed VALUES (?)", (id_,))
        execution.sealed = False
        executions.rewrite(connection, execution)
    for table in TABLES:
        connection.execute(f"DROP INDEX {table.name}_by_key")
        connection.execute(f"ALTER TABLE {table.name} DROP COLUMN key_id")
    for name in ("executions", "task_runs", "triggers"):
        connection.execute(f"ALTER TABLE {name} DROP COLUMN sealed")
    connection.execute("PRAGMA user_version = 15")


def _keep_apart(connection: sqlite3.Connection, ring: Keyring, execution: Execution) -> None:
    kept: dict[str, object] = {"": [[["pass"], GIVEN], [["list"], ["secret-in-list"]]]}
    kept |= {run.id: [[["onResume", "more"], MORE]] for run in execution.runs.values() if "onResume" in run.outputs}
    for owner, values in kept.items():
        data = seal(ring.current_key, (f"execution {execution.id}", owner), dump(values))
        connection.execute("INSERT INTO sealed_inputs VALUES (?, ?, ?, ?)", (execution.id, owner, ring.current, data))


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


def test_without_its_key_an_execution_is_not_replayed_and_the_rest_goes_on(tmp_path: Path) -> None:
    with engine(tmp_path) as running:
        done = resume(running, held(running)).id
        running.store.write(_fill_every_table).result()
    (tmp_path / FILE_NAME).unlink()
    with engine(tmp_path) as running:
        old = running.read(done)
        assert old.state == "SUCCESS"
        assert old.inputs is None
        definition = running.executor.services.flows.latest("test.engine", "f").definition
        with pytest.raises(WrongState, match="sealed by the key"):
            replay(old, definition, 0, None)
        assert running.store.read(rows.earliest) is None
        assert running.store.read(lambda c: rows.due(c, "SCHEDULE", 10**15, 10)) == []
        with pytest.raises(ServerError, match="sealed by the key"):
            running.executor.services.vault.rotate()
        plain = flow("  - {id: t, type: io.kestra.plugin.core.log.Log, message: x}\n", id_="plain")
        assert running.run(plain).state == "SUCCESS"


def test_a_crash_between_the_tables_of_a_rotation_loses_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with engine(tmp_path) as running:
        id_ = held(running)
        monkeypatch.setattr(secret_rows, "TABLES", TABLES[:1])
        monkeypatch.setattr(keyring.Keyring, "only_current", _dies)
        with pytest.raises(RuntimeError):
            running.executor.services.vault.rotate()
        monkeypatch.undo()
        assert len(json.loads((tmp_path / FILE_NAME).read_text())["keys"]) == 2
    with engine(tmp_path) as running:
        assert running.read(id_).inputs == {"pass": GIVEN, "list": ["secret-in-list"]}
        running.executor.services.vault.rotate()
        assert len(json.loads((tmp_path / FILE_NAME).read_text())["keys"]) == 1
        assert output(resume(running, id_), "tell")["value"] == TOLD


def _dies(_: Keyring) -> Keyring:
    raise RuntimeError("the process died")


def test_an_execution_without_secrets_needs_no_key(tmp_path: Path) -> None:
    with engine(tmp_path) as running:
        ended = running.run(flow("  - {id: t, type: io.kestra.plugin.core.log.Log, message: x}\n"))
        assert not ended.sealed
    assert not (tmp_path / FILE_NAME).exists()


def test_sealing_goes_to_what_an_execution_starts_and_to_what_calls_it(tmp_path: Path) -> None:
    plain = "  - {id: t, type: io.kestra.plugin.core.debug.Return, format: '{{ inputs.word }}'}\n"
    call = "  - {id: c, type: io.kestra.plugin.core.flow.Subflow, namespace: test.engine, flowId: %s%s}\n"
    told = "outputs: [{id: o, type: SECRET, value: \"{{ 'secret-' ~ 'of-a-child' }}\"}]\n"
    with engine(tmp_path) as running:
        running.save(flow(plain, "inputs: [{id: word, type: STRING}]\n", "child"))
        running.save(flow(plain.replace("inputs.word", "flow.id"), told, "teller"))
        given = call % ("child", ", inputs: {word: '{{ inputs.pass }}'}")
        above = running.run(flow(given, "inputs: [{id: pass, type: SECRET}]\n", "above"), **{"pass": GIVEN})
        child = running.read(str(output(above, "c")["executionId"]))
        assert (above.sealed, child.sealed) == (True, True)
        assert child.inputs == {"word": GIVEN}
        assert GIVEN in set(secret_values(child))
        caller = running.run(flow(call % ("teller", ""), id_="caller"))
        assert caller.sealed
        assert output(caller, "c")["outputs"] == {"o": "secret-of-a-child"}
        veil(caller)
        assert output(caller, "c")["outputs"] == {"o": "******"}
    assert b"secret-of-a-child" not in stored(tmp_path)
    assert GIVEN.encode() not in stored(tmp_path)
