"""Server-sent events, as the standard describes them."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from flowctl.engine.plugins.protocol import TaskFailure


@dataclass(slots=True)
class _Open:
    """An event whose end has not come yet."""

    lines: list[str] = field(default_factory=list)
    about: dict[str, object] = field(default_factory=dict)

    def closed(self) -> dict[str, object] | None:
        """The event; None when it has no data."""
        return {"data": _value("\n".join(self.lines)), **self.about} if self.lines else None


def events_of(lines: Iterable[str], most: int) -> Iterator[dict[str, object]]:
    """Each event of a stream: `data` (the value of a JSON text, else the text), and `id`, `name` and
    `retry` (seconds) when given.

    An event ends at an empty line; one that has not ended when the stream does is left out.

    Raises:
        TaskFailure: the stream has more than `most` characters.
    """
    current, size = _Open(), 0
    for line in lines:
        size += len(line)
        if size > most:
            raise TaskFailure(f"the stream has more than {most} characters")
        if not line:
            event = current.closed()
            if event is not None:
                yield event
            current = _Open()
            continue
        name, _, value = line.partition(":")
        value = value.removeprefix(" ")
        if name == "data":
            current.lines.append(value)
        elif name in ("id", "event"):
            current.about["name" if name == "event" else "id"] = value
        elif name == "retry" and value.isascii() and value.isdigit():
            current.about["retry"] = int(value) / 1000


def _value(text: str) -> object:
    try:
        return json.loads(text)
    except ValueError:
        return text
