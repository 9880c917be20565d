"""Markdown that stays Markdown, whatever stands in the texts."""

from __future__ import annotations

import re
from collections.abc import Iterable

_SPECIAL = re.compile(r"([\\`*_\[\]<>|#~@])")


def escaped(text: str) -> str:
    """A text as plain words: nothing in it is markup, a mention or a heading; line ends become spaces."""
    return _SPECIAL.sub(r"\\\1", " ".join(text.split()))


def code(text: str) -> str:
    """An inline code span that holds any text."""
    flat = " ".join(text.split("\n"))
    longest = max((len(run) for run in re.findall(r"`+", flat)), default=0)
    fence = "`" * (longest + 1)
    pad = " " if flat.startswith("`") or flat.endswith("`") else ""
    return f"{fence}{pad}{flat}{pad}{fence}" if flat else ""


def fenced(lines: Iterable[str], language: str) -> str:
    """A code block that none of its lines can close."""
    body = list(lines)
    longest = max((len(run) for line in body for run in re.findall(r"`+", line)), default=0)
    fence = "`" * max(3, longest + 1)
    return "\n".join([f"{fence}{language}", *body, fence])


def folded(summary: str, body: str) -> str:
    """A section that opens on a click. `summary` is Markdown of one line without HTML."""
    return f"<details>\n<summary>{summary}</summary>\n\n{body}\n\n</details>"


def html(text: str) -> str:
    """A text inside an HTML element."""
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;").replace("@", "&#64;")
