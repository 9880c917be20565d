"""Rows as a table for people, or as JSON for programs."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime

from flowctl.cli.console import Console
from flowctl.views.ansi import printable

LONGEST = 240
"""Characters of one cell that are shown; ids, names and addresses of files stay whole."""


def show_rows(console: Console, name: str, rows: Sequence[Mapping[str, object]], columns: Sequence[str]) -> None:
    """Print rows: with `--json` as `{format, NAME: […]}`, else aligned under the columns' names."""
    if console.json:
        import json

        console.show(json.dumps({"format": "1.0", name: list(rows)}))
    elif rows:
        console.show(table(rows, columns))
    else:
        console.say(f"No {name}.")


def table(rows: Sequence[Mapping[str, object]], columns: Sequence[str]) -> str:
    """Aligned columns with a head line."""
    lines = [[HEADS.get(column, column).upper() for column in columns]]
    lines += [[text_of(SHORTENED.get(column, _as_it_is)(row.get(column))) for column in columns] for row in rows]
    widths = [max(len(line[index]) for line in lines) for index in range(len(columns))]
    return "\n".join(
        "  ".join(cell.ljust(width) for cell, width in zip(line, widths, strict=True)).rstrip() for line in lines
    )


def _as_it_is(value: object) -> object:
    return value


def _moment(value: object) -> object:
    """`2026-03-02T11:00:00.123+01:00` as `2026-03-02 10:00:00`, for people: UTC, as the head of the column says."""
    if not value:
        return value
    try:
        at = datetime.fromisoformat(str(value))
    except ValueError:
        return value
    return f"{at if at.tzinfo is None else at.astimezone(UTC):%Y-%m-%d %H:%M:%S}"


def _length(value: object) -> object:
    """`PT1.5S` as `1.5s`."""
    return str(value).removeprefix("PT").lower() if value else value


SHORTENED: Mapping[str, Callable[[object], object]] = {
    "started": _moment,
    "next": _moment,
    "last": _moment,
    "backfill": _moment,
    "took": _length,
}


HEADS: Mapping[str, str] = {name: f"{name} (utc)" for name, way in SHORTENED.items() if way is _moment}


def text_of(value: object) -> str:
    """A cell, on one line: `-` for nothing, `yes`/`no` for booleans; of a long text its beginning and its length."""
    if value is None or value == "":
        return "-"
    if isinstance(value, bool):
        return "yes" if value else "no"
    text = str(value)
    told = text if len(text) <= LONGEST else f"{text[:LONGEST]}... ({len(text)} characters, --json has them)"
    return printable(told.replace("\n", "\\n"))
