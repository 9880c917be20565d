from __future__ import annotations

from pathlib import Path

import pytest

from flowctl.engine.executor.tasks import workers
from flowctl.engine.executor.tasks.jobs import Job
from flowctl.engine.executor.tasks.workers import Workers
from tests.engine.running import engine, flow, states

SHELL = "io.kestra.plugin.scripts.shell.Commands, taskRunner: {type: io.kestra.plugin.core.runner.Process}"


def test_a_result_that_the_store_can_never_take_fails_its_task(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    record = Workers._record

    def refusing(self: Workers, *arguments: object) -> None:
        if arguments[1].outcome.state != "FAILED":  # type: ignore[attr-defined]  # the report
            raise ValueError("no such text")
        record(self, *arguments)  # type: ignore[arg-type]

    monkeypatch.setattr(Workers, "_record", refusing)
    monkeypatch.setattr(workers, "RETRY_SECONDS", 0.01)
    with engine(tmp_path / "data") as running:
        ended = running.run(flow(f"  - {{id: a, type: {SHELL}, commands: ['true']}}\n"))
    assert (ended.state, states(ended)) == ("FAILED", {"a": "FAILED"})


def test_a_server_that_stops_does_not_wait_for_a_result_that_cannot_be_recorded(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refusing(*_: object) -> None:
        raise ValueError("never")

    monkeypatch.setattr(Workers, "_record", refusing)
    with engine(tmp_path / "data") as running:
        id_ = running.start(*running.save(flow(f"  - {{id: a, type: {SHELL}, commands: ['echo x']}}\n")))
        running.wait(id_, lambda execution: bool(execution.runs))
    with engine(tmp_path / "data") as again:
        assert again.read(id_).state == "RUNNING"


@pytest.mark.parametrize(("reason", "state"), [("timeout", "FAILED"), ("kill", "KILLED"), ("closed", "KILLED")])
def test_a_task_that_is_over_before_it_begins_ends_as_the_reason_says(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, reason: str, state: str
) -> None:
    """As one whose time was over when the server was killed, and that the next server takes up."""
    begin = Workers.begin

    def stopped(self: Workers, job: Job) -> None:
        with monkeypatch.context() as patch:
            patch.setattr(self._pool, "submit", lambda run, job, stop: (stop.ask(reason), run(job, stop)))
            begin(self, job)

    monkeypatch.setattr(Workers, "begin", stopped)
    with engine(tmp_path / "data") as running:
        ended = running.run(flow(f"  - {{id: a, type: {SHELL}, commands: ['sleep 600'], timeout: PT9S}}\n"))
        messages = running.messages(ended.id)
    assert states(ended) == {"a": state}
    assert messages == (["ERROR a: Timeout after 00:00:09.000"] if reason == "timeout" else [])
