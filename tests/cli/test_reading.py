"""Reading files says so when it takes a while, to those who watch."""

from __future__ import annotations

import io
import threading
from pathlib import Path
from typing import Any

import pytest

from flowctl.cli import reading
from flowctl.cli.console import Console
from flowctl.cli.reading import read_live, said_when_slow, waiting
from flowctl.model.environment import Environment


class Terminal(io.StringIO):
    """A terminal that tells when something is shown."""

    def __init__(self) -> None:
        super().__init__()
        self.shown = threading.Event()

    def isatty(self) -> bool:
        return True

    def write(self, text: str) -> int:
        written = super().write(text)
        self.shown.set()
        return written


ELSEWHERE = Environment("prod", Path("prod.yaml"), "https://kestra.example.com", (), "prod", ("prod",))


class Slow:
    """A server that answers once something is shown."""

    def __init__(self, terminal: Terminal) -> None:
        self.terminal = terminal

    def read_state(self, environment: Environment) -> str:
        assert self.terminal.shown.wait(30)
        return environment.name


def console(err: io.StringIO, *, json: bool = False, **environ: str) -> Console:
    return Console(io.StringIO(), err, environ, json=json)


def test_what_takes_a_while_is_said_and_gone_when_done() -> None:
    terminal = Terminal()
    with said_when_slow(console(terminal), "Reading the files ...", after=0):
        assert terminal.shown.wait(30)
    assert terminal.getvalue() == "Reading the files ...\r\x1b[2K"


def test_it_is_gone_too_when_it_failed() -> None:
    terminal = Terminal()
    with pytest.raises(ValueError, match="broken"), said_when_slow(console(terminal), "Reading ...", after=0):
        assert terminal.shown.wait(30)
        raise ValueError("broken")
    assert terminal.getvalue().endswith("\r\x1b[2K")


def test_what_is_quick_is_not_said_and_leaves_no_thread() -> None:
    terminal, before = Terminal(), threading.active_count()
    with said_when_slow(console(terminal), "Reading the files ...", after=3600):
        pass
    assert (terminal.getvalue(), threading.active_count()) == ("", before)


@pytest.mark.parametrize(
    "quiet",
    [
        console(io.StringIO()),
        console(Terminal(), json=True),
        console(Terminal(), CI="true"),
        console(Terminal(), TERM="dumb"),
    ],
    ids=["pipe", "json", "ci", "dumb"],
)
def test_nobody_else_is_told(quiet: Console) -> None:
    before = threading.active_count()
    with said_when_slow(quiet, "Reading the files ...", after=3600):
        assert threading.active_count() == before


def test_a_server_that_takes_a_while_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reading, "PATIENCE_WITH_A_SERVER_SECONDS", 0)
    terminal = Terminal()
    server: Any = Slow(terminal)
    assert read_live(console(terminal), ELSEWHERE, server) == "prod"
    assert terminal.getvalue() == "Waiting for https://kestra.example.com to say what it has ...\r\x1b[2K"


def test_a_narrow_terminal_gets_one_line(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "12")
    terminal = Terminal()
    with said_when_slow(console(terminal), "Reading the files ...", after=0):
        assert terminal.shown.wait(30)
    assert terminal.getvalue() == "Reading the\r\x1b[2K"


def test_with_verbose_each_request_is_said_by_itself() -> None:
    before, terminal = threading.active_count(), Terminal()
    talking = console(terminal)
    talking.verbose = True
    with waiting(talking, ELSEWHERE, "check 2 flows"):
        assert threading.active_count() == before
