"""No message tells its reader to type a command that asks back which environment is meant."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import flowctl

ROOT = Path(flowctl.__file__).parent
BARE = re.compile(r"flowctl (?:plan|apply|status|show|unlock|drift|pull|history|rollback|graph)(?=[`;,:)]|$)")
NAMED_OTHERWISE = {
    "cli/commands",  # what the help says of the command itself
    "cli/examples.py",
    "language/legacy/page.py",  # a page, not a message
}


def messages(path: Path) -> Iterator[tuple[int, str]]:
    """The texts of a module that are no docstrings, with their lines."""
    tree = ast.parse(path.read_text())
    silent = {
        id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)
    }
    inner = {
        id(part)
        for node in ast.walk(tree)
        if isinstance(node, ast.JoinedStr)
        for part in node.values
        if part is not node.values[-1]
    }
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in silent:
            yield node.lineno, node.value + ("…" if id(node) in inner else "")


def test_what_is_to_be_typed_names_the_environment() -> None:
    found = []
    for path in sorted(ROOT.rglob("*.py")):
        name = path.relative_to(ROOT).as_posix()
        if not any(name.startswith(other) for other in NAMED_OTHERWISE):
            found += [f"{name}:{line}: {text.strip()}" for line, text in messages(path) if BARE.search(text)]
    assert found == []
