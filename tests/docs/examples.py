"""What a Markdown page tells its reader to do: files to write and commands to type, in order.

A file is a fenced block right after a line that ends in "`PATH`:". A command is a line that begins with `$ ` in a
`console` block; the lines below it, up to the next command, are what it prints, with `...` for anything.
"""

from __future__ import annotations

import doctest
import os
import re
import shlex
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

FENCE = re.compile(r"^```(?P<language>\w*)[^\n]*\n(?P<body>.*?)^```$", re.MULTILINE | re.DOTALL)
NAMED = re.compile(r"`(?P<path>[\w./-]+)`:\s*\Z")


@dataclass(frozen=True, slots=True)
class File:
    """A file that the reader writes."""

    path: str
    text: str


@dataclass(frozen=True, slots=True)
class Command:
    """A command that the reader types, and what it prints (empty: anything)."""

    line: str
    output: str


def steps(page: str) -> Iterator[File | Command]:
    """Every step of a page, in order."""
    for block in FENCE.finditer(page):
        named = NAMED.search(page[: block.start()].rstrip())
        if block["language"] == "console":
            yield from commands(block["body"])
        elif named is not None and block["language"] in ("yaml", "text", "csv"):
            yield File(named["path"], block["body"])


def commands(body: str) -> Iterator[Command]:
    """The commands of one console block."""
    for part in re.split(r"^\$ ", body, flags=re.MULTILINE)[1:]:
        line, _, output = part.partition("\n")
        yield Command(line, output)


def write(step: File, directory: Path) -> None:
    """Do what a file step says."""
    path = directory / step.path
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(step.text, encoding="utf-8")


def type_in(step: Command, directory: Path, answer: str | None = None) -> subprocess.CompletedProcess[str]:
    """Run a command line as typed in `directory`, with the flowctl of this Python; both streams in one."""
    environ = {**os.environ, "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}", "NO_COLOR": "1"}
    return subprocess.run(
        step.line,
        shell=True,
        cwd=directory,
        env=environ,
        input=answer,
        stdin=subprocess.DEVNULL if answer is None else None,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
    )


def agrees(expected: str, actual: str) -> bool:
    """Whether what was printed is what the page shows."""
    flags = doctest.ELLIPSIS | doctest.NORMALIZE_WHITESPACE
    return not expected.strip() or doctest.OutputChecker().check_output(expected, actual, flags)


def flowctl_lines(page: str) -> Iterator[list[str]]:
    """The arguments of every `flowctl …` command line of a page, in blocks and in running text."""
    for block in FENCE.finditer(page):
        for line in block["body"].splitlines():
            if block["language"] == "sh" or line.startswith("$ "):
                yield from _arguments(line.removeprefix("$ ").split("  # ")[0])
    for span in re.finditer(r"`(flowctl [^`\n]+)`", FENCE.sub("", page)):
        yield from _arguments(span[1])


def _arguments(line: str) -> Iterator[list[str]]:
    if re.match(r"(\S*/)?flowctl( |$)", line):
        words = shlex.split(re.split(r" (?:\|\|?|>|<) ", line)[0])
        yield words[1:]
