"""Every example in a command's help is a line that the command takes."""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterator

import click
import pytest

from flowctl.cli.console import Console
from flowctl.cli.examples import EXAMPLES
from flowctl.cli.lazy import COMMANDS
from flowctl.cli.main import cli

LINES = [(name, line) for name, lines in EXAMPLES.items() for line in lines]
TAKES_NOTHING = {"version"}


def words_of(line: str) -> list[str]:
    found = re.search(r"flowctl ([^|>)]*)", line)
    assert found, line
    return shlex.split(found[1])


def parsed(words: list[str]) -> tuple[str, click.Context]:
    """The command's whole name, and its context once it has understood the rest."""
    command: click.Command = cli
    context = cli.make_context("flowctl", ["version"], obj=Console.of_process())
    path: list[str] = []
    while isinstance(command, click.Group):
        path.append(words.pop(0))
        found = command.get_command(context, path[-1])
        assert found is not None, path
        command = found
    return " ".join(path), command.make_context(path[-1], words, parent=context)


@pytest.mark.parametrize(("name", "line"), LINES)
def test_an_example_is_understood_and_stands_in_the_help_of_its_command(
    name: str, line: str, tmp_path: object, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(str(tmp_path))
    path, context = parsed(words_of(line))
    assert path == name
    assert f"    {line}\n" in context.get_help() + "\n"


def leaves() -> Iterator[str]:
    context = click.Context(cli)
    for name in COMMANDS:
        command = cli.get_command(context, name)
        if not isinstance(command, click.Group):
            yield name


@pytest.mark.parametrize("name", sorted(set(leaves()) - TAKES_NOTHING))
def test_a_command_that_takes_arguments_has_an_example(name: str) -> None:
    assert EXAMPLES.get(name)
