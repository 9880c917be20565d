"""Telling those who wait that an execution has changed. Changes are told after they are on disk."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable

Listener = Callable[[str], object]


class Hub:
    """Listeners by execution id; they are called on the thread that noticed, and must be quick."""

    def __init__(self) -> None:
        self._listeners: dict[str, dict[Listener, bool]] = {}
        self._lock = threading.Lock()

    def listen(self, execution_id: str, listener: Listener, *, end_only: bool = False) -> Callable[[], None]:
        """Have a listener called at each change, or at those only that leave it ended. Returns how to stop that."""
        with self._lock:
            self._listeners.setdefault(execution_id, {})[listener] = end_only

        def stop() -> None:
            with self._lock:
                found = self._listeners.get(execution_id)
                if found is not None:
                    found.pop(listener, None)
                    if not found:
                        del self._listeners[execution_id]

        return stop

    def changed(self, execution_ids: Iterable[str], *, ended: bool = False) -> None:
        """These executions (their state, task runs or log) have changed; `ended`: they are in a final state."""
        for id_ in execution_ids:
            with self._lock:
                listeners = list(self._listeners.get(id_, {}).items())
            for listener, end_only in listeners:
                if ended or not end_only:
                    listener(id_)
