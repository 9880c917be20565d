"""When output is coloured."""

from __future__ import annotations

import io

import pytest

from flowctl.cli.console import Console, wants_colour
from flowctl.errors import UsageError


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


@pytest.mark.parametrize(
    ("environ", "terminal", "pipe"),
    [
        ({}, True, False),
        ({"NO_COLOR": "1"}, False, False),
        ({"NO_COLOR": ""}, True, False),
        ({"FORCE_COLOR": "1"}, True, True),
        ({"FORCE_COLOR": "1", "NO_COLOR": "1"}, False, False),
        ({"TERM": "dumb"}, False, False),
    ],
)
def test_colour_follows_the_variables_and_the_terminal(environ: dict[str, str], terminal: bool, pipe: bool) -> None:
    assert wants_colour(Terminal(), environ) is terminal
    assert wants_colour(io.StringIO(), environ) is pipe


def test_a_directory_that_is_not_there_is_a_usage_error() -> None:
    console = Console(io.StringIO(), io.StringIO(), {})
    with pytest.raises(UsageError) as caught:
        console.enter("/nowhere/at/all")
    assert caught.value.diagnostics[0].code == "C101"
    assert "/nowhere/at/all" in str(caught.value)
