"""Problems for a terminal and for programs."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Sequence
from dataclasses import fields

from flowctl.model.diagnostic import Diagnostic
from flowctl.views.ansi import Paint, printable
from flowctl.views.values import plural

FORMAT = "1.0"
_WORDS = {"error": ("Error", "red"), "warning": ("Warning", "yellow"), "info": ("Note", "cyan")}
_LONGEST = 200

ReadLine = Callable[[str, int], str | None]


def diagnostics_text(
    diagnostics: Sequence[Diagnostic], *, colour: bool = False, read_line: ReadLine | None = None
) -> str:
    """Every problem in the order given, a count at the end when there are several.

    `read_line(path, line)` gives a line of a file (None when it cannot), to be shown with a mark below the column.
    """
    paint = Paint(colour)
    blocks = ["\n".join(_block(one, paint, read_line)) for one in diagnostics]
    if len(diagnostics) > 1:
        blocks.append(_count(diagnostics))
    return "\n\n".join(blocks) + "\n"


def _block(one: Diagnostic, paint: Paint, read_line: ReadLine | None) -> Iterator[str]:
    word, style = _WORDS[one.severity]
    yield f"{paint(f'{word} [{one.code}]', 'bold', style)} {printable(named(one))}"
    if where := position(one):
        place = f", at {printable(one.place)}" if one.place else ""
        yield f"  {paint('-->', 'dim')} {printable(where)}{place}"
    elif one.place:
        yield f"  at {printable(one.place)}"
    yield from _excerpt(one, paint, read_line)
    yield from (f"  {line}" for line in printable(one.detail).splitlines())
    if one.hint:
        first, *rest = printable(one.hint).splitlines()
        yield f"  {paint('help:', 'cyan')} {first}"
        yield from (f"        {line}" for line in rest)


def named(one: Diagnostic) -> str:
    """The summary, which begins with the object when neither it nor a path says whose it is."""
    known = one.path or one.subject is None or one.subject.partition(" ")[2] in one.summary
    return one.summary if known else f"{one.subject}: {one.summary}"


def position(one: Diagnostic) -> str:
    """`path:line:column`, as far as it is known; an empty path is that of a text that no file has."""
    if not one.path:
        return ""
    numbers = [str(number) for number in (one.line, one.column) if number is not None]
    return ":".join([one.path, *numbers])


def _excerpt(one: Diagnostic, paint: Paint, read_line: ReadLine | None) -> Iterator[str]:
    if read_line is None or one.path is None or one.line is None:
        return
    text = read_line(one.path, one.line)
    if text is None or len(text) > _LONGEST:
        return
    number = str(one.line)
    line = printable(text.rstrip("\r\n")).replace("\t", " ")
    yield paint(f"  {number} | ", "dim") + line
    if one.column is not None:
        yield " " * (len(number) + 5 + one.column - 1) + paint("^", "red")


def _count(diagnostics: Sequence[Diagnostic]) -> str:
    errors = sum(one.severity == "error" for one in diagnostics)
    warnings = sum(one.severity == "warning" for one in diagnostics)
    parts = [plural(count, word) for count, word in ((errors, "error"), (warnings, "warning")) if count]
    return " and ".join(parts) + "." if parts else plural(len(diagnostics), "note") + "."


def diagnostics_json(diagnostics: Sequence[Diagnostic]) -> str:
    """Every problem as one document: `format` and `diagnostics`, unknown members left out."""
    return json.dumps({"format": FORMAT, "diagnostics": [members(one) for one in diagnostics]}, indent=2) + "\n"


def members(one: Diagnostic) -> dict[str, object]:
    """One problem as JSON data; what is not known is left out."""
    found = {field.name: getattr(one, field.name) for field in fields(one)}
    return {name: value for name, value in found.items() if value not in (None, "")}
