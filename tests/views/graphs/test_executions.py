"""The tree of task runs: what belongs together, what is folded, and that it fits."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from flowctl.views.graphs.executions import task_tree

NOW = datetime(2026, 3, 1, 12, 0, 10, tzinfo=UTC)


def run(name: str, state: str, parent: str | None = None, **more: object) -> dict[str, Any]:
    start = "2026-03-01T12:00:00Z" if state != "CREATED" else None
    end = "2026-03-01T12:00:02.340Z" if state in ("SUCCESS", "FAILED", "SKIPPED", "WARNING") else None
    moments = {"current": state, "startDate": start, "endDate": end}
    return {"id": name, "taskId": name.partition("#")[0], "parentTaskRunId": parent, "state": moments, **more}


EXECUTION = {
    "taskRunList": [
        run("fetch", "SUCCESS", attempts=[{}, {}]),
        run("each", "RUNNING"),
        run("load#1", "SUCCESS", "each", value="a"),
        run("load#2", "FAILED", "each", value="\x1b[31mb\n" + "c" * 40),
        run("load#3", "CREATED", "each", value=""),
        run("skip", "SKIPPED"),
    ]
}


def test_a_tree() -> None:
    assert task_tree(EXECUTION, NOW, rows=20, width=80, colour=False) == [
        "  fetch (attempt 2)  SUCCESS  2.3s",
        "  each  RUNNING  10.0s",
        "    load [a]  SUCCESS  2.3s",
        "    load [\\x1b[31mb ccccccccccc...]  FAILED  2.3s",
        "    load  CREATED",
        "  skip  SKIPPED",
    ]


def test_what_went_well_is_summed_up_where_there_is_no_room() -> None:
    assert task_tree(EXECUTION, NOW, rows=5, width=30, colour=False) == [
        "  (1 SKIPPED, 1 SUCCESS)",
        "  each  RUNNING  10.0s",
        "    (1 SUCCESS)",
        "    load [\\x1...  FAILED  2.3s",
        "    load  CREATED",
    ]
    assert task_tree(EXECUTION, NOW, rows=3, width=30, colour=False)[2] == "... 3 more lines"


def test_states_have_colours() -> None:
    assert task_tree(EXECUTION, NOW, rows=20, width=80, colour=True)[1] == "  each\x1b[36m  RUNNING  10.0s\x1b[0m"


def test_nothing_yet() -> None:
    assert task_tree({"state": {"current": "CREATED"}}, NOW, rows=5, width=80, colour=False) == []


STATES = st.sampled_from(["CREATED", "RUNNING", "SUCCESS", "FAILED", "SKIPPED", "PAUSED", "KILLED"])


@given(
    st.lists(st.tuples(STATES, st.integers(-1, 20), st.none() | st.text(max_size=30)), max_size=40),
    st.integers(4, 30),
    st.integers(20, 100),
)
def test_it_always_fits(made: list[tuple[str, int, str | None]], rows: int, width: int) -> None:
    runs = [
        run(f"t{number}", state, f"t{parent}" if parent < number else None, value=value)
        for number, (state, parent, value) in enumerate(made)
    ]
    lines = task_tree({"taskRunList": runs}, NOW, rows=rows, width=width, colour=False)
    assert len(lines) <= rows
    assert all(line.isprintable() for line in lines)
    assert bool(lines) == bool(runs)
    if len(runs) <= rows:
        assert len(lines) == len(runs)
