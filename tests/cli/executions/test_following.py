"""Following an execution: every log line once, whatever the two streams do."""

from __future__ import annotations

import threading
from collections.abc import Iterable, Iterator

import pytest

from flowctl.cli.executions.following import Entry, follow
from flowctl.errors import ServerUnreachable
from flowctl.model.diagnostic import Diagnostic

BROKEN = ServerUnreachable(Diagnostic("S104", "error", "the connection broke"), sent=True)


def line(number: int, message: str = "") -> dict[str, object]:
    return {"timestamp": f"t{number}", "level": "INFO", "taskRunId": "r", "message": message or f"line {number}"}


class Source:
    """A server that streams what it is told; a log stream may never end, as on a real one."""

    def __init__(
        self, streamed: list[Entry], log: list[Entry], *, states_break: bool = False, ended: bool = True
    ) -> None:
        self.streamed, self.entries, self.states_break, self.ended = streamed, log, states_break, ended
        self.log_was_read = threading.Event()

    def states(self, execution_id: str) -> Iterator[Entry]:
        yield {"state": {"current": "RUNNING"}}
        assert self.log_was_read.wait(30)
        if self.states_break:
            raise BROKEN
        yield {"state": {"current": "SUCCESS"}}

    def log_stream(self, execution_id: str) -> Iterator[Entry]:
        yield from self.streamed
        self.log_was_read.set()
        threading.Event().wait(30)

    def log(self, execution_id: str) -> Iterable[Entry]:
        return self.entries

    def execution(self, execution_id: str) -> Entry:
        return {"id": execution_id, "state": {"current": "SUCCESS" if self.ended else "RUNNING"}}


def followed(source: Source) -> list[Entry]:
    shown: list[Entry] = []
    assert follow(source, "x", shown.append)["id"] == "x"
    return shown


def test_lines_come_from_the_stream_and_the_rest_from_the_log() -> None:
    assert followed(Source([line(1), line(2)], [line(1), line(2), line(3)])) == [line(1), line(2), line(3)]


def test_equal_lines_are_all_shown() -> None:
    twice = [line(1, "same"), line(1, "same")]
    assert followed(Source([line(1, "same")], twice)) == twice


def test_a_stream_of_states_that_breaks_after_the_end_is_no_loss() -> None:
    assert followed(Source([line(1)], [line(1)], states_break=True)) == [line(1)]


def test_a_stream_of_states_that_breaks_before_the_end_is_an_error() -> None:
    with pytest.raises(ServerUnreachable):
        followed(Source([line(1)], [line(1)], states_break=True, ended=False))


def test_changes_are_told_and_the_last_one_is_the_end() -> None:
    changes: list[Entry] = []
    follow(Source([line(1)], [line(1)]), "x", lambda _: None, changes.append)
    states = [change["state"]["current"] for change in changes]
    assert states[0] == "RUNNING"
    assert states[-1] == "SUCCESS"
    assert changes[-1]["id"] == "x"
