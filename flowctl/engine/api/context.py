"""What every handler may use."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

from flowctl.engine.api.dialects import Dialect
from flowctl.engine.api.flows.checking import FlowChecker
from flowctl.engine.settings import Limits, Settings
from flowctl.engine.store import Store

FlowListener = Callable[[str, str], None]


@dataclass(slots=True)
class Counters:
    """Totals since the start, for `metrics`."""

    requests: int = 0
    refused: int = 0
    failed: int = 0


@dataclass(slots=True)
class Context:
    """The parts of a running server.

    `flow_listeners` are called with namespace and id after a change of a flow that has or had triggers is on disk, on
    the event loop; they must not block. `parts` is where other modules of the engine put what their own handlers need,
    by name. `conceal` hides secret values in what is told of executions.
    """

    store: Store
    settings: Settings
    dialect: Dialect
    checker: FlowChecker
    counters: Counters = field(default_factory=Counters)
    flow_listeners: list[FlowListener] = field(default_factory=list)
    parts: dict[str, object] = field(default_factory=dict)
    conceal: Callable[[bytes], bytes] | None = None

    @property
    def limits(self) -> Limits:
        """What a request may be."""
        return self.settings.limits

    def flow_changed(self, namespace: str, id_: str) -> None:
        """Tell the listeners."""
        for listener in self.flow_listeners:
            listener(namespace, id_)
