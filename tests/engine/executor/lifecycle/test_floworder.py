"""Executions that wait for room: they go on whatever becomes of the limit, and of the one that they wait for."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from flowctl.engine.executor import advancing, executor
from flowctl.engine.executor.lifecycle import actions
from flowctl.engine.executor.lifecycle.floworder import release
from flowctl.engine.executor.lifecycle.launching import Launch, launch, store_new
from flowctl.engine.executor.performer import Performer
from tests.engine.api.server import YAML
from tests.engine.api.server import running as server_running
from tests.engine.running import HOUR, Engine, engine, flow
from tests.faults.test_clocks import _until

PAUSE = "  - {id: hold, type: io.kestra.plugin.core.flow.Pause}\n"


def limited(limit: int | None, behavior: str = "QUEUE") -> str:
    return flow(PAUSE, f"concurrency: {{limit: {limit}, behavior: {behavior}}}\n" if limit is not None else "")


def resume(running: Engine, id_: str) -> None:
    running.wait_state(id_, "PAUSED")
    running.command(id_, lambda performer: actions.resume(performer, {}))
    assert running.wait(id_).state == "SUCCESS"


@pytest.fixture
def running(tmp_path: Path) -> Iterator[Engine]:
    with engine(tmp_path) as found:
        yield found


def test_what_waits_for_a_run_of_an_older_text_without_a_limit_goes_on(running: Engine) -> None:
    first = running.start(*running.save(limited(None)))
    second = running.start(*running.save(limited(1)))
    assert running.read(second).state == "QUEUED"
    resume(running, first)
    resume(running, second)


def test_nobody_waits_for_a_limit_that_is_gone(running: Engine) -> None:
    first = running.start(*running.save(limited(1)))
    waiting = [running.start(*running.save(limited(1))) for _ in range(3)]
    running.save(limited(None))
    assert [running.read(id_).state for id_ in waiting] == ["QUEUED"] * 3
    resume(running, first)
    assert [running.wait_state(id_, "PAUSED").state for id_ in waiting] == ["PAUSED"] * 3


def test_a_higher_limit_lets_more_go_and_a_lower_one_fewer(running: Engine) -> None:
    key = running.save(limited(2))
    ids = [running.start(*key) for _ in range(5)]
    running.wait_state(ids[1], "PAUSED")
    running.save(limited(1))
    resume(running, ids[0])
    assert [running.read(id_).state for id_ in ids[2:]] == ["QUEUED"] * 3
    running.save(limited(3))
    resume(running, ids[1])
    for id_ in ids[2:]:
        running.wait_state(id_, "PAUSED")


def test_one_that_breaks_inside_the_server_lets_the_next_go(running: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    key = running.save(limited(1))
    first, second = running.start(*key), running.start(*key)
    running.wait_state(first, "PAUSED")

    def advance(performer: Performer) -> None:
        if performer.turn.execution.id == first:
            raise KeyError("inside")
        advancing.advance(performer)

    monkeypatch.setattr(executor, "advance", advance)
    running.executor.ready(first)
    assert running.wait(first, lambda found: found.terminal).state == "FAILED"
    running.wait_state(second, "PAUSED")


def test_a_server_that_starts_lets_go_whom_nobody_would(tmp_path: Path) -> None:
    with engine(tmp_path) as before:
        first = before.start(*before.save(limited(1)))
        second = before.start(*before.save(limited(1)))
        before.wait_state(first, "PAUSED")
        assert before.read(second).state == "QUEUED"
        before.save(limited(2))
    with engine(tmp_path) as after:
        after.wait_state(second, "PAUSED")


@pytest.mark.parametrize("text", [limited(None), limited(2)], ids=["no limit", "a higher one"])
def test_a_save_over_the_api_lets_them_go_at_once(tmp_path: Path, text: str) -> None:
    with server_running(tmp_path, engine=True) as server:
        server.save(limited(1))
        ids = [server.post("/executions/test.engine/f", files={"x": b"x"}).json()["id"] for _ in range(2)]
        assert server.get(f"/executions/{ids[1]}").json()["state"]["current"] == "QUEUED"
        assert server.put("/flows/test.engine/f", content=text, headers=YAML).status_code == 200
        executor = server.app.state.context.parts["executor"]
        Engine(server.store, executor).wait_state(ids[1], "PAUSED")


STATES = ("PAUSED", "QUEUED")


def later(running: Engine, key: tuple[str, str]) -> str:
    """An execution that is to begin in an hour."""
    services = running.executor.services
    found = services.flows.latest(*key)
    execution = launch(services, found, Launch(schedule_date=services.clock() + HOUR))
    running.store.write(lambda connection: store_new(connection, execution, found.definition)).result()
    running.executor.ready(execution.id)
    return execution.id


@pytest.mark.parametrize("behavior", ["QUEUE", "CANCEL", "FAIL"])
def test_what_begins_later_takes_no_room_before(running: Engine, behavior: str) -> None:
    key = running.save(limited(1, behavior))
    waiting = later(running, key)
    running.wait_state(running.start(*key), "PAUSED")
    assert running.read(waiting).state == "CREATED"


@pytest.mark.parametrize(("behavior", "state"), [("QUEUE", "QUEUED"), ("CANCEL", "CANCELLED"), ("FAIL", "FAILED")])
def test_when_its_date_has_come_it_is_let_in_as_any_other(running: Engine, behavior: str, state: str) -> None:
    key = running.save(limited(1, behavior))
    waiting = later(running, key)
    first = running.start(*key)
    running.wait_state(first, "PAUSED")
    running.an_hour_passes(waiting)
    assert running.wait_state(waiting, state).runs == {}, "nothing of it has begun"
    resume(running, first)
    if behavior == "QUEUE":
        resume(running, waiting)
    else:
        assert "concurrency limit of 1" in running.own_messages(waiting, "WARN")[0]


def test_of_several_dates_that_come_at_once_one_goes_after_the_other(running: Engine) -> None:
    key = running.save(limited(1))
    ids = [later(running, key) for _ in range(3)]
    running.an_hour_passes(*ids)
    for number, id_ in enumerate(ids):
        running.wait_state(id_, "PAUSED")
        behind = [running.wait_state(other, "QUEUED").state for other in ids[number + 1 :]]
        assert behind == ["QUEUED"] * (2 - number)
        resume(running, id_)


def test_a_limit_that_came_meanwhile_counts_when_a_date_has_come(running: Engine) -> None:
    waiting = later(running, running.save(limited(None)))
    first = running.start(*running.save(limited(1)))
    running.wait_state(first, "PAUSED")
    running.an_hour_passes(waiting)
    assert running.wait_state(waiting, "QUEUED").runs == {}
    resume(running, first)
    resume(running, waiting)


def test_a_limit_that_went_meanwhile_does_not_count_when_a_date_has_come(running: Engine) -> None:
    waiting = later(running, running.save(limited(1)))
    first = running.start(*running.save(limited(None)))
    running.wait_state(first, "PAUSED")
    running.an_hour_passes(waiting)
    assert running.wait_state(waiting, "PAUSED").state == "PAUSED"


def test_without_a_limit_it_begins(running: Engine) -> None:
    id_ = later(running, running.save(limited(None)))
    running.an_hour_passes(id_)
    assert [state for state, _ in running.wait_state(id_, "PAUSED").history] == ["CREATED", "RUNNING", "PAUSED"]


def counts(running: Engine) -> dict[str, int]:
    """How many executions there are in each state; those that wait for their date are LATER."""
    now = running.executor.services.clock()
    found: dict[str, int] = {}
    for row in running.store.read(lambda c: c.execute("SELECT id FROM executions").fetchall()):
        one = running.read(row[0])
        later_on = one.state == "CREATED" and (one.schedule_date or 0) > now
        state = "LATER" if later_on else one.state
        found[state] = found.get(state, 0) + 1
    return found


def settled(running: Engine, limit: int | None) -> bool:
    """Whether nobody waits who could go, and everybody who goes has come to the pause."""
    found = counts(running)
    on_their_way = sum(found.get(state, 0) for state in ("CREATED", "RUNNING", "RESTARTED", "KILLING"))
    room = limit is None or found.get("PAUSED", 0) < limit
    return not on_their_way and not (found.get("QUEUED") and room)


def of_state(running: Engine, state: str) -> list[str]:
    query = "SELECT id FROM executions WHERE state = ? ORDER BY created_us, rowid"
    return [row[0] for row in running.store.read(lambda c: c.execute(query, (state,)).fetchall())]


@settings(
    max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow]
)
@given(data=st.data())
def test_nobody_waits_for_ever_whatever_happens(tmp_path_factory: pytest.TempPathFactory, data: st.DataObject) -> None:
    with engine(tmp_path_factory.mktemp("queue")) as running:
        limit: int | None = 1
        key, before = running.save(limited(limit)), 0
        for _ in range(data.draw(st.integers(4, 14))):
            deed = data.draw(st.sampled_from(["start", "start", "later", "hour", "limit", "resume", "kill"]))
            if deed == "start":
                running.start(*key)
            elif deed == "later":
                later(running, key)
            elif deed == "hour":
                running.an_hour_passes(*of_state(running, "CREATED"))
            elif deed == "limit":
                limit = data.draw(st.sampled_from([None, 1, 2, 3]))
                running.save(limited(limit))
                now = running.executor.services.clock()
                told = running.store.write(lambda c: release(c, *key, now)).result()  # noqa: B023
                for id_ in told:
                    running.executor.ready(id_)
            elif paused := of_state(running, "PAUSED" if deed == "resume" else data.draw(st.sampled_from(STATES))):
                end = actions.kill if deed == "kill" else lambda performer: actions.resume(performer, {})
                running.command(data.draw(st.sampled_from(paused)), end)
            _until(lambda: settled(running, limit))  # noqa: B023
            there = counts(running).get("PAUSED", 0)
            assert limit is None or there <= max(limit, before), "a lower limit ends nobody, and lets nobody more in"
            before = there
