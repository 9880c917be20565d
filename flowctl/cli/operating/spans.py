"""What a backfill is given: dates, inputs and labels as they are typed."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime

from flowctl.cli.executions.address import parse_inputs, parse_label
from flowctl.errors import UsageError


def span_of(start: str, end: str | None, inputs: Iterable[str], labels: Iterable[str]) -> dict[str, object]:
    """The request's `backfill`; the server takes now for an end that is left out.

    Raises:
        UsageError: C116, no input or label, or a file, which a backfill cannot send; C127, no date, or no span.
    """
    given = parse_inputs(inputs)
    if given.files:
        name = given.files[0][0]
        raise UsageError.of("C116", f"input {name!r}: a backfill takes no files", hint="write NAME=VALUE")
    pairs = [parse_label(label).split(":", 1) for label in labels]
    first, last = _date(start), _date(end) if end is not None else None
    if last is not None and last < first:
        raise UsageError.of("C127", f"{end} is before {start}", hint="give the earlier date as --start")
    span: dict[str, object] = {"start": _text(first), "inputs": dict(given.texts)}
    span["labels"] = [{"key": name, "value": value} for name, value in pairs]
    return span | ({"end": _text(last)} if last is not None else {})


def _date(text: str) -> datetime:
    """An instant in UTC, which is meant where no zone is stated."""
    try:
        found = datetime.fromisoformat(text)
        return (found if found.tzinfo else found.replace(tzinfo=UTC)).astimezone(UTC)
    except (ValueError, OverflowError):
        hint = "write it as in 2026-03-01T00:00:00Z, or 2026-03-01"
        raise UsageError.of("C127", f"{text!r} is no date", hint=hint) from None


def _text(date: datetime) -> str:
    return date.isoformat().replace("+00:00", "Z")
