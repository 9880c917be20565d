"""Problems for a terminal and for programs."""

from __future__ import annotations

import json
import re
from dataclasses import replace

from flowctl.model.diagnostic import Diagnostic
from flowctl.views.diagnostics import diagnostics_json, diagnostics_text, named
from flowctl.views.markdown import code, escaped, fenced
from flowctl.views.values import shown
from tests.views.golden import assert_golden

FOUND = (
    Diagnostic("F301", "error", "a task has no type", "id, message", "add `type`", "flows/a.yaml", 4, 5, "tasks[x]"),
    Diagnostic("F212", "warning", "`on` is read as true", path="flows/b.yaml", line=2, column=1),
    Diagnostic("S201", "error", "the server says no\x1b[2J", "401", "set FLOWCTL_TOKEN\nor log in"),
    Diagnostic("H17", "info", "old revisions come back", place="tasks[y]"),
)  # fmt: skip
LINES = {("flows/a.yaml", 4): "\t- id: x\n", ("flows/b.yaml", 2): "on: push" + "!" * 300}


def read_line(path: str, line: int) -> str | None:
    return LINES.get((path, line))


def test_text_with_excerpts() -> None:
    assert_golden("diagnostics.txt", diagnostics_text(FOUND, read_line=read_line))


def test_colour_changes_no_word() -> None:
    coloured = diagnostics_text(FOUND, colour=True)
    assert re.sub(r"\x1b\[[0-9;]*m", "", coloured) == diagnostics_text(FOUND)


def test_control_characters_are_written_out() -> None:
    assert "\x1b" not in diagnostics_text(FOUND)
    assert "no\\x1b[2J" in diagnostics_text(FOUND)


def test_json_leaves_out_what_is_not_known() -> None:
    document = json.loads(diagnostics_json(FOUND))
    assert document["format"] == "1.0"
    assert document["diagnostics"][1] == {
        "code": "F212",
        "severity": "warning",
        "summary": "`on` is read as true",
        "path": "flows/b.yaml",
        "line": 2,
        "column": 1,
    }


def test_markdown_pieces_hold_any_text() -> None:
    assert escaped("a *b* <c> @d\n# e") == "a \\*b\\* \\<c\\> \\@d \\# e"
    assert (code("a`b"), code("``"), code("")) == ("``a`b``", "``` `` ```", "")
    assert fenced(["````", "x"], "diff").splitlines()[0] == "`````diff"


def test_long_values_are_cut_in_the_middle() -> None:
    text = shown("a" * 60 + "z" * 60, width=40)
    assert len(text) == 40
    assert text.startswith('"aaa')
    assert text.endswith('zzz"')


def test_a_problem_begins_with_its_object_unless_that_is_said_already() -> None:
    bare = Diagnostic("H25", "error", "1 execution runs", subject="flow dev/a")
    assert named(bare) == "flow dev/a: 1 execution runs"
    assert "Error [H25] flow dev/a: 1 execution runs" in diagnostics_text([bare])
    assert named(replace(bare, path="flows/dev/a.yaml")) == "1 execution runs"
    assert named(replace(bare, summary="flow dev/a would be deleted")) == "flow dev/a would be deleted"
    assert named(replace(bare, subject=None)) == "1 execution runs"
