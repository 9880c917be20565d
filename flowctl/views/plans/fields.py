"""The places at which an object differs, as indented lines."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from difflib import unified_diff

from flowctl.model.plan import FieldChange
from flowctl.views.ansi import printable
from flowctl.views.values import WIDTH, shown, shown_apart

SYMBOLS = {"add": "+", "change": "~", "remove": "-", "reorder": "~"}
_MOST_LINES = 12
_WIDEST = 44


def field_lines(fields: Sequence[FieldChange]) -> Iterator[tuple[str, str]]:
    """Symbol and text of each line; a difference inside a text of several lines takes several."""
    width = min(max((len(field.place) for field in fields), default=0), _WIDEST)
    for field in fields:
        symbol = SYMBOLS.get(field.op, "~")
        if _several_lines(field):
            yield symbol, f"{field.place}:"
            yield from (("", f"    {line}") for line in _inside(str(field.before), str(field.after)))
        else:
            yield symbol, f"{field.place or 'the text':<{width}}  {_values(field)}".rstrip()


def _values(field: FieldChange) -> str:
    if field.op == "add":
        return compact(field.after)
    if field.op == "remove":
        return compact(field.before)
    if field.op == "reorder":
        return f"order {_names(field.before)} -> {_names(field.after)}"
    if not field.place and field.before is None and field.after is None:
        return "changed"
    return " -> ".join(_apart(field.before, field.after))


def _apart(before: object, after: object) -> tuple[str, str]:
    """Both values, each on half of the line."""
    half = WIDTH // 2
    if isinstance(before, dict) or isinstance(after, dict):
        return compact(before, half), compact(after, half)
    return shown_apart(before, after, half)


def _names(value: object) -> str:
    names = value if isinstance(value, list) else [value]
    return shown(names, WIDTH)


def compact(value: object, width: int = WIDTH) -> str:
    """A value on one line; a task or trigger by its type first."""
    if isinstance(value, dict) and isinstance(value.get("type"), str):
        rest = {key: item for key, item in value.items() if key not in ("id", "type")}
        return printable(str(value["type"])) + (f" {shown(rest, width)}" if rest else "")
    return shown(value, width)


def _several_lines(field: FieldChange) -> bool:
    both = isinstance(field.before, str) and isinstance(field.after, str)
    return both and field.op == "change" and ("\n" in str(field.before).strip() or "\n" in str(field.after).strip())


def _inside(before: str, after: str) -> list[str]:
    lines = list(unified_diff(before.splitlines(), after.splitlines(), lineterm="", n=1))[2:]
    shown_lines = [printable(line) for line in lines if not line.startswith("@@")]
    if len(shown_lines) <= _MOST_LINES:
        return shown_lines
    return [*shown_lines[: _MOST_LINES - 1], f"... {len(shown_lines) - _MOST_LINES + 1} more lines, see --diff"]
