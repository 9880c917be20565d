"""Follow an execution: its log as it is written, until it ends.

Two streams are read at once, each in a thread: the execution's states and its log. What the log stream did not bring
before the end is read once more, so that no line is lost and none is shown twice.
"""

from __future__ import annotations

import queue
import threading
from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Protocol

from flowctl.cli.executions.texts import has_ended

Entry = Mapping[str, Any]


class ExecutionSource(Protocol):
    """What following needs of a server."""

    def states(self, execution_id: str) -> Iterable[Entry]:
        """The execution, on each change, until it has ended."""
        ...

    def log_stream(self, execution_id: str) -> Iterable[Entry]:
        """Log entries, past ones first; may never end."""
        ...

    def log(self, execution_id: str) -> Iterable[Entry]:
        """All log entries there are now."""
        ...

    def execution(self, execution_id: str) -> Entry:
        """The execution as it is now."""
        ...


@dataclass(frozen=True, slots=True)
class _Ended:
    """The stream of states is through, or broke with an error."""

    problem: Exception | None = None


@dataclass(frozen=True, slots=True)
class _Change:
    """The execution has changed."""

    execution: Entry


News = queue.SimpleQueue[Entry | _Change | _Ended]
REDRAWN_AFTER = 1.0
"""Seconds without news after which times are shown anew."""


def follow(
    source: ExecutionSource,
    execution_id: str,
    show: Callable[[Entry], None],
    changed: Callable[[Entry], None] = lambda _: None,
) -> Entry:
    """Call `show` with every log entry until the execution has ended; returns the execution.

    `changed` is called with the execution on each change, and every second in between: what runs gets older.

    Raises:
        ServerError: a stream broke and the execution cannot be read.
    """
    news: News = queue.SimpleQueue()
    seen: Counter[tuple[object, ...]] = Counter()
    _start(lambda: _read_states(source, execution_id, news))
    _start(lambda: _read_log(source, execution_id, news))
    latest: _Change | None = None
    while not isinstance(item := _next(news) or latest, _Ended):
        if isinstance(item, _Change):
            latest = item
            changed(item.execution)
        elif item is not None:
            seen[_identity(item)] += 1
            show(item)
    execution = source.execution(execution_id)
    if item.problem is not None and not has_ended(execution):
        raise item.problem
    _show_rest(source.log(execution_id), seen, show)
    changed(execution)
    return execution


def _next(news: News) -> Entry | _Change | _Ended | None:
    """What comes next; None when nothing does for a while."""
    try:
        return news.get(timeout=REDRAWN_AFTER)
    except queue.Empty:
        return None


def _read_states(source: ExecutionSource, execution_id: str, news: News) -> None:
    try:
        for execution in source.states(execution_id):
            news.put(_Change(execution))
            if has_ended(execution):
                break
        news.put(_Ended())
    except Exception as problem:  # raised again where the news are read, in the main thread
        news.put(_Ended(problem))


def _read_log(source: ExecutionSource, execution_id: str, news: News) -> None:
    """A log stream that breaks is no loss: the rest of the log is read at the end."""
    from flowctl.errors import FlowctlError

    try:
        for entry in source.log_stream(execution_id):
            news.put(entry)
    except FlowctlError:
        return


def _show_rest(log: Iterable[Entry], seen: Counter[tuple[object, ...]], show: Callable[[Entry], None]) -> None:
    for entry in log:
        identity = _identity(entry)
        if seen[identity]:
            seen[identity] -= 1
        else:
            show(entry)


def _identity(entry: Entry) -> tuple[object, ...]:
    return tuple(entry.get(name) for name in ("timestamp", "level", "taskRunId", "message"))


def _start(work: Callable[[], None]) -> None:
    threading.Thread(target=work, daemon=True).start()
