"""Flow triggers of both generations in one form, and whether an execution's change of state meets them."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime

from flowctl.engine.executor.expressions.conditions import conditioned, filter_holds, holds, labels_match
from flowctl.engine.executor.expressions.rendering import Renderer
from flowctl.engine.executor.records.states import TERMINAL
from flowctl.engine.scheduler.windows import Window, time_window_of, window_of
from flowctl.engine.store.jsontext import dump

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
DEFAULT_STATES = frozenset(TERMINAL - {"SKIPPED", "RETRIED"}) | {"PAUSED"}


@dataclass(frozen=True, slots=True)
class Dependency:
    """One thing that has to happen. Whatever is None or empty does not matter."""

    namespace: str | None = None
    flow_id: str | None = None
    states: frozenset[str] = frozenset()
    labels: object = None
    when: str | None = None
    condition: Mapping[str, object] | None = None
    filters: tuple[Mapping[str, object], ...] = ()
    any_filter: bool = False

    def may_meet(self, namespace: str, flow_id: str, state: str) -> bool:
        """What can be said without rendering anything."""
        return (
            self.namespace in (None, namespace)
            and self.flow_id in (None, flow_id)
            and (not self.states or state in self.states)
        )

    def met(self, renderer: Renderer, subject: Mapping[str, object]) -> bool:
        """The rest: labels, `when`, condition and filters."""
        if self.labels is not None and not labels_match(self.labels, subject.get("labels")):
            return False
        if self.when is not None and not renderer.truthy(self.when):
            return False
        if self.condition is not None and not holds(self.condition, renderer, subject):
            return False
        results = [filter_holds(item, renderer, subject) for item in self.filters]
        return not results or (any(results) if self.any_filter else all(results))


@dataclass(frozen=True, slots=True)
class Listener:
    """A flow trigger. It fires when `needed` dependencies are met within the window."""

    namespace: str
    flow_id: str
    trigger_id: str
    trigger: Mapping[str, object]
    states: frozenset[str]
    dependencies: tuple[Dependency, ...]
    needed: int
    window: Window | None = None
    reset: bool = True

    @property
    def open(self) -> bool:
        """Whether it has no condition beside states: it answers the executions of all flows."""
        return self.dependencies == (Dependency(),) and not conditioned(self.trigger)

    @property
    def modern(self) -> bool:
        """Whether it is written as in 2.0: then `flow` is that of the execution it looks at (seen on a real one)."""
        return any(self.trigger.get(name) is not None for name in ("dependsOn", "when"))

    @property
    def watched(self) -> bool:
        """Whether it is to be noticed that its window closes unsatisfied: `onMiss`, and a window that closes."""
        closes = self.window is not None and self.window.closes(EPOCH) is not None
        return closes and isinstance(self.trigger.get("onMiss"), dict)

    @property
    def digest(self) -> str:
        """Of its text: what was met under another text does not count."""
        return hashlib.sha256(dump(self.trigger)).hexdigest()[:16]

    @property
    def key(self) -> tuple[str, str, str]:
        """Namespace, flow and trigger."""
        return self.namespace, self.flow_id, self.trigger_id


def listener_of(namespace: str, flow_id: str, trigger: Mapping[str, object]) -> Listener:
    """A flow trigger compiled.

    Raises:
        ValueError: a duration or time that is none.
    """
    states = trigger.get("states")
    wanted = frozenset(str(state) for state in states) if isinstance(states, list) else DEFAULT_STATES
    key = namespace, flow_id, str(trigger.get("id"))
    if isinstance(trigger.get("dependsOn"), list):
        return _modern(key, trigger, wanted)
    multiple = trigger.get("preconditions") or _multiple(trigger)
    if isinstance(multiple, dict):
        dependencies = _preconditions(multiple)
        window = time_window_of(multiple.get("timeWindow", multiple))
        reset = multiple.get("resetOnSuccess") is not False
        return Listener(*key, _without_multiple(trigger), wanted, dependencies, len(dependencies), window, reset)
    return Listener(*key, trigger, wanted, (Dependency(),), 1)


def _modern(key: tuple[str, str, str], trigger: Mapping[str, object], wanted: frozenset[str]) -> Listener:
    items = trigger["dependsOn"]
    assert isinstance(items, list)
    dependencies = tuple(_dependency(item, wanted) for item in items if isinstance(item, dict))
    mode = trigger.get("mode", "ALL")
    least = trigger.get("minSatisfied")
    needed = 1 if mode == "ANY" else int(str(least)) if mode == "AT_LEAST" and least else len(dependencies)
    states = frozenset().union(wanted, *(dependency.states for dependency in dependencies))
    return Listener(*key, trigger, states, dependencies, needed, window_of(trigger.get("window")))


def _dependency(item: Mapping[str, object], default: frozenset[str] = frozenset()) -> Dependency:
    """One that names no states reacts to `default`; without, to all that the trigger reacts to."""
    states, when = item.get("states"), item.get("when")
    return Dependency(
        namespace=_text(item.get("namespace")),
        flow_id=_text(item.get("flowId")),
        states=frozenset(str(state) for state in states) if isinstance(states, list) else default,
        labels=item.get("labels"),
        when=None if when is None else str(when).lower() if isinstance(when, bool) else str(when),
    )


def _multiple(trigger: Mapping[str, object]) -> object:
    items = trigger.get("conditions")
    for item in items if isinstance(items, list) else ():
        if isinstance(item, dict) and str(item.get("type", "")).endswith("MultipleCondition"):
            return item
    return None


def _without_multiple(trigger: Mapping[str, object]) -> Mapping[str, object]:
    items = trigger.get("conditions")
    if not isinstance(items, list):
        return trigger
    kept = [item for item in items if not str(item.get("type", "")).endswith("MultipleCondition")]
    return {**trigger, "conditions": kept}


def _preconditions(rules: Mapping[str, object]) -> tuple[Dependency, ...]:
    flows, where, conditions = rules.get("flows"), rules.get("where"), rules.get("conditions")
    found = [_dependency(item) for item in flows if isinstance(item, dict)] if isinstance(flows, list) else []
    for item in where if isinstance(where, list) else ():
        filters = tuple(one for one in item.get("filters") or () if isinstance(one, dict))
        found.append(Dependency(filters=filters, any_filter=item.get("operand") == "OR"))
    if isinstance(conditions, dict):
        found += [Dependency(condition=item) for item in conditions.values() if isinstance(item, dict)]
    return tuple(found)


def _text(value: object) -> str | None:
    return None if value is None else str(value)
