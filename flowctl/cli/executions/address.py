"""Flows and inputs as they are typed on the command line."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from flowctl.errors import UsageError
from flowctl.model.keys import FlowKey

ADDRESS = re.compile(r"(?:(?P<environment>[a-z0-9][a-z0-9-]*):)?(?P<namespace>[^/:\s]+)/(?P<id>[^/:\s]+)")


@dataclass(frozen=True, slots=True)
class Inputs:
    """What a flow is started with: texts, and files to send."""

    texts: tuple[tuple[str, str], ...] = ()
    files: tuple[tuple[str, Path], ...] = ()

    @property
    def names(self) -> tuple[str, ...]:
        """Of all that is given."""
        return tuple(name for name, _ in (*self.texts, *self.files))

    def parts(self) -> dict[str, tuple[str | None, bytes]]:
        """Parts of a form; the files are read."""
        found: dict[str, tuple[str | None, bytes]] = {name: (None, text.encode()) for name, text in self.texts}
        return found | {name: (file.name, file.read_bytes()) for name, file in self.files}


def parse_address(text: str) -> tuple[str | None, FlowKey]:
    """Environment (None when not named) and flow of `NS/ID` or `ENV:NS/ID`.

    Raises:
        UsageError: C115.
    """
    found = ADDRESS.fullmatch(text)
    if found is None:
        raise UsageError.of("C115", f"{text!r} is no address of a flow", hint="write NS/ID, such as dev/data-pipeline")
    return found["environment"], FlowKey(found["namespace"], found["id"])


def which_environment(named: str | None, given: str | None) -> str | None:
    """The environment that stands before a flow's name or was given as an option; None when neither says it.

    Raises:
        UsageError: C124, they say two different ones.
    """
    if named is not None and given is not None and named != given:
        hint = f"name one of them: {named}:NS/ID, or -e {given} NS/ID"
        raise UsageError.of("C124", f"which environment, {named} or {given}? Both are named", hint=hint)
    return named or given


def parse_inputs(values: Iterable[str]) -> Inputs:
    """Inputs of `NAME=VALUE`; `NAME=@PATH` sends a file, `NAME=@@TEXT` is a text that begins with an at sign.

    Raises:
        UsageError: C116, there is no equals sign, no name, or no such file.
    """
    texts: list[tuple[str, str]] = []
    files: list[tuple[str, Path]] = []
    for value in values:
        name, equals, content = value.partition("=")
        if not equals or not name:
            raise UsageError.of("C116", f"{value!r} is no input", hint="write NAME=VALUE, or NAME=@PATH for a file")
        if content.startswith("@") and not content.startswith("@@"):
            files.append((name, _file(name, content[1:])))
        else:
            texts.append((name, content.removeprefix("@") if content.startswith("@@") else content))
    return Inputs(tuple(texts), tuple(files))


def parse_label(value: str) -> str:
    """A label of `NAME=VALUE` or `NAME:VALUE`, as the server wants it.

    Raises:
        UsageError: C116.
    """
    found = re.fullmatch(r"([^=:]+)[=:](.+)", value, re.DOTALL)
    if found is None:
        raise UsageError.of("C116", f"{value!r} is no label", hint="write NAME=VALUE")
    return f"{found[1]}:{found[2]}"


def _file(name: str, text: str) -> Path:
    path = Path(text)
    if not path.is_file():
        raise UsageError.of("C116", f"input {name!r}: there is no file {text}", hint="give the path of a file after @")
    return path
