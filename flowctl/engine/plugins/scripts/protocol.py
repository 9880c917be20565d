"""What a process says on its output: lines for the log, and `::{…}::` messages."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

LEVELS = frozenset({"TRACE", "DEBUG", "INFO", "WARN", "ERROR"})
Log = Callable[[str, str], None]
Measure = Callable[[str, str, float, Mapping[str, str]], None]


@dataclass(slots=True)
class Messages:
    """Gathers what a process reports. Both streams of a process may be fed from threads of their own."""

    log: Log
    measure: Measure
    outputs: dict[str, object] = field(default_factory=dict)

    def line(self, text: str, level: str) -> None:
        """One line without its end."""
        found = _message(text)
        if found is None:
            self.log(level, text)
            return
        try:
            data = json.loads(found)
            json.dumps(data, ensure_ascii=False).encode()  # half a surrogate pair is no text that could be kept
        except ValueError:
            data = None
        if not isinstance(data, dict):
            self.log("WARN", f"Invalid outputs '{found}'")
            return
        try:
            self._take(data)
        except (ValueError, TypeError, AttributeError, KeyError):
            self.log("WARN", f"Invalid outputs '{found}'")

    def _take(self, data: Mapping[str, object]) -> None:
        outputs, metrics, logs = data.get("outputs"), data.get("metrics"), data.get("logs")
        if isinstance(outputs, dict):
            self.outputs.update(outputs)
        for metric in metrics if isinstance(metrics, list) else []:
            self._metric(metric)
        for entry in logs if isinstance(logs, list) else []:
            level = str(entry.get("level", "INFO")).upper()
            if level not in LEVELS:
                raise ValueError(level)
            self.log(level, str(entry.get("message", "")))

    def _metric(self, metric: Mapping[str, object]) -> None:
        kind, value = str(metric["type"]), metric["value"]
        if kind not in ("counter", "timer", "gauge") or not isinstance(value, int | float):
            raise ValueError(kind)
        tags = metric.get("tags")
        pairs = {str(k): str(v) for k, v in tags.items()} if isinstance(tags, dict) else {}
        self.measure(str(metric["name"]), kind, float(value), pairs)


def _message(text: str) -> str | None:
    """The first block when the whole line is one or more blocks; None for an ordinary line."""
    if not (text.startswith("::{") and text.endswith("}::")):
        return None
    end = text.find("}::", 2)
    return text[2 : end + 1]
