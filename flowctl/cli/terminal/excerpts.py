"""Lines of the project's files to show below a problem."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path, PurePath

LONGEST_FILE = 5_000_000


def line_reader(start: Path) -> Callable[[str, int], str | None]:
    """Reads a line (from 1) of a file of the workspace around `start`, by the path that a diagnostic has.

    Lines of environment files and of `_kv.yaml` are never shown: what is wrong there may be a secret. In other files
    secrets are masked as in plans, and the rest of the line with them.
    """
    root = next((place for place in (start, *start.parents) if (place / "environments").is_dir()), start)
    known: dict[str, list[str]] = {}

    def read(path: str, line: int) -> str | None:
        if not may_be_shown(path):
            return None
        if path not in known:
            known[path] = _lines(root / path)
        return known[path][line - 1] if 0 < line <= len(known[path]) else None

    return read


def may_be_shown(path: str) -> bool:
    """Whether lines of this file may be printed."""
    pure = PurePath(path)
    return pure.name not in ("_kv.yaml", "_kv.yml") and "environments" not in pure.parts[:-1]


def _lines(path: Path) -> list[str]:
    try:
        if path.stat().st_size > LONGEST_FILE:
            return []
        text = path.read_bytes().decode("utf-8")
    except (OSError, UnicodeDecodeError):
        return []
    return masked(text).splitlines()


def masked(text: str) -> str:
    """A flow's text without its secrets, line by line; one that cannot be parsed as far as its lines tell."""
    from flowctl.flowtext.document import YamlProblem, parse
    from flowctl.planning.differences.masking import hidden_spans, spans_by_line, worth_a_look
    from flowctl.views.text_diff import without_spans

    if not worth_a_look(text):
        return text
    try:
        return without_spans(text, hidden_spans(text, parse(text)))
    except YamlProblem:
        return without_spans(text, spans_by_line(text))
