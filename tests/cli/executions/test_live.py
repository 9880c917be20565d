"""A display that is drawn over: what stands on the terminal in the end."""

from __future__ import annotations

import io
import os
from collections.abc import Mapping
from datetime import UTC, datetime

import pytest

from flowctl.cli.console import Console
from flowctl.cli.executions.following import Entry
from flowctl.cli.executions.live import KEPT_ROWS, LiveTree, LogOnly, display_for

NOW = datetime(2026, 3, 1, 12, 0, 10, tzinfo=UTC)


class Terminal(io.StringIO):
    """Keeps lines as a terminal does: `ESC [ n F` goes up, `ESC [ 0 J` clears what is below."""

    def isatty(self) -> bool:
        return True

    def screen(self) -> list[str]:
        lines: list[str] = []
        for number, part in enumerate(self.getvalue().split("\x1b[")):
            text = part
            if number and part[0].isdigit() and part.partition("F")[0].isdigit():
                lines = lines[: len(lines) - int(part.partition("F")[0])]
                text = ""
            elif number:
                text = part.removeprefix("0J")
            lines += text.splitlines()
        return lines


def execution(*states: str) -> Entry:
    return {"taskRunList": [{"id": f"t{n}", "taskId": f"t{n}", "state": {"current": s}} for n, s in enumerate(states)]}


def live(terminal: Terminal, rows: int = 24) -> LiveTree:
    def show(entry: Entry) -> None:
        terminal.write(f"{entry['message']}\n")

    return LiveTree(
        terminal, show, colour=False, size=lambda: os.terminal_size((60, rows)), clock=lambda: NOW
    )  # fmt: skip


def test_lines_stay_above_the_tree() -> None:
    terminal = Terminal()
    display = live(terminal)
    display.line({"message": "before"})
    display.changed(execution("RUNNING"))
    display.line({"message": "one"})
    display.changed(execution("SUCCESS", "RUNNING"))
    display.line({"message": "two"})
    display.changed(execution("SUCCESS", "SUCCESS"))
    assert terminal.screen() == ["before", "one", "two", "  t0  SUCCESS", "  t1  SUCCESS"]


def test_nothing_is_drawn_where_nothing_has_changed() -> None:
    terminal = Terminal()
    display = live(terminal)
    display.changed(execution("RUNNING"))
    drawn = terminal.getvalue()
    display.changed(execution("RUNNING"))
    assert terminal.getvalue() == drawn


def test_a_small_terminal_keeps_room_for_the_log() -> None:
    terminal = Terminal()
    live(terminal, rows=KEPT_ROWS + 5).changed(execution(*["RUNNING"] * 50))
    assert len(terminal.screen()) == 5
    assert terminal.screen()[-1] == "... 46 more lines"


@pytest.mark.parametrize(
    ("stream", "environ", "json", "kind"),
    [
        (Terminal(), {"TERM": "xterm"}, False, LiveTree),
        (Terminal(), {"TERM": "dumb"}, False, LogOnly),
        (Terminal(), {}, False, LogOnly),
        (Terminal(), {"TERM": "xterm"}, True, LogOnly),
        (io.StringIO(), {"TERM": "xterm"}, False, LogOnly),
    ],
)
def test_a_tree_needs_a_terminal(stream: io.StringIO, environ: Mapping[str, str], json: bool, kind: type) -> None:
    shown: list[Entry] = []
    display = display_for(Console(io.StringIO(), stream, environ, json=json), shown.append)
    assert type(display) is kind
    display.line({"message": "x"})
    assert shown == [{"message": "x"}]
