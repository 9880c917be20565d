"""Drift for a terminal, for programs, and for an issue that a scheduled job keeps."""

from __future__ import annotations

import json
from collections.abc import Iterator

from flowctl.model.drifting import DriftedObject, DriftReport
from flowctl.views.ansi import Paint, printable
from flowctl.views.markdown import code, escaped, fenced
from flowctl.views.plans import wording
from flowctl.views.plans.fields import field_lines
from flowctl.views.plans.members import drift_members
from flowctl.views.text_diff import difference
from flowctl.views.values import moment, plural

FORMAT = "1.0"
_COLOURS = {"+": "green", "-": "red", "@": "cyan"}
_MOST_NAMED = 3
_FORGOTTEN = "the applied text is kept neither in the files nor on the server"


def drift_text(report: DriftReport, *, colour: bool = False) -> str:
    """The whole report as text that ends in a line end."""
    return "\n".join(_lines(report, Paint(colour))) + "\n"


def _lines(report: DriftReport, paint: Paint) -> Iterator[str]:
    for one in report.objects:
        yield paint(printable(wording.drifted(one.drift)), "bold")
        yield paint(f"    {printable(wording.applied(one.drift))}", "dim")
        for symbol, text in field_lines(one.drift.fields):
            yield f"    {paint(symbol, _COLOURS.get(symbol, 'yellow')) if symbol else ' '} {text}".rstrip()
        yield from (f"    {_coloured(line, paint)}" for line in _difference(one))
        yield ""
    yield paint(printable(drift_summary(report)), "bold")
    yield from next_steps(report)


def _coloured(line: str, paint: Paint) -> str:
    style = _COLOURS.get(line[:1])
    return paint(line, style) if style else line


def _difference(one: DriftedObject) -> list[str]:
    """The unified difference from the applied text to the live one; of other objects than flows, nothing."""
    if one.drift.key.kind != "flow":
        return []
    if one.applied is None:
        return [f"({_FORGOTTEN})"]
    return list(difference(one.applied, one.live))


def drift_summary(report: DriftReport) -> str:
    """`Drift: 2 objects changed on the server, 1 pending, 3 ignored.` or that there is none."""
    rest = [
        *([f"{report.pending} not applied yet"] if report.pending else []),
        *([f"{report.ignored} ignored"] if report.ignored else []),
        *([f"{report.unmanaged} unmanaged"] if report.unmanaged else []),
    ]
    if not report.objects:
        return f"No drift on {report.environment}{': ' + ', '.join(rest) if rest else ''}."
    found = plural(len(report.objects), "object")
    return f"Drift on {report.environment}: {', '.join([f'{found} changed on the server', *rest])}."


def next_steps(report: DriftReport) -> Iterator[str]:
    """What can be done about drift, or about what is not applied yet, one command a line."""
    if report.objects:
        yield f"  To take the edits into the files: flowctl pull {report.environment}"
        yield f"  To put back what the files say:   flowctl apply {report.environment}{_resumed(report)}"
    elif report.pending:
        yield f"  To apply what the files say: flowctl apply {report.environment}"


def _resumed(report: DriftReport) -> str:
    """The options without which apply would leave flows disabled."""
    off = [
        one.drift.key
        for one in report.objects
        if any(field.place == "disabled" and field.after in (True, "true") for field in one.drift.fields)
    ]
    return "".join(f" --resume {key}" for key in off) if len(off) <= _MOST_NAMED else " --resume '*'"


def drift_json(report: DriftReport) -> str:
    """The report as one JSON document; secrets are masked in the differences."""
    found = {
        "format": FORMAT,
        "kind": "drift",
        "environment": report.environment,
        "server": {"url": report.server.url, "tenant": report.server.tenant, "version": report.server.version},
        "checkedAt": report.checked_at.isoformat(),
        "clean": report.clean,
        "drift": [drift_members(one.drift) | {"diff": _difference(one)} for one in report.objects],
        "ignored": report.ignored,
        "pending": report.pending,
        "unmanaged": report.unmanaged,
    }
    return json.dumps(found, ensure_ascii=False, indent=2) + "\n"


def drift_markdown(report: DriftReport) -> str:
    """The report for an issue: nothing in it is markup but what is meant to be."""
    parts = [f"### Drift on {escaped(report.environment)}", _checked(report)]
    for one in report.objects:
        said = [f"#### {code(one.drift.key.address)}", escaped(wording.drifted(one.drift)) + "  "]
        said += [escaped(wording.applied(one.drift))]
        lines = _difference(one)
        parts.append("\n".join(said) + (f"\n\n{fenced(lines, 'diff')}" if lines else ""))
    parts.append(escaped(drift_summary(report)))
    steps = [line.strip() for line in next_steps(report)]
    parts += [fenced(steps, "text")] if steps else []
    return "\n\n".join(parts) + "\n"


def _checked(report: DriftReport) -> str:
    server = f"{report.server.url}, tenant {report.server.tenant}"
    return f"{escaped(server)}, checked {escaped(moment(report.checked_at))}"
