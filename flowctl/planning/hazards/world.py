"""What the rules look at: the flows that change, before and after, and everything around them once the plan is done."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime

from flowctl.flowtext.digests import text_digest
from flowctl.language.asleep import asleep
from flowctl.language.flags import is_on
from flowctl.model.environment import Environment
from flowctl.model.impact import ScheduleImpact
from flowctl.model.keys import FlowKey, ObjectKey
from flowctl.model.live import LiveState, LiveTrigger
from flowctl.model.plan import Action, Change
from flowctl.model.project import Project
from flowctl.planning.hazards.circles import circles_of
from flowctl.planning.hazards.expressions import Use, uses
from flowctl.planning.ordering.callers import Call
from flowctl.planning.reading import Documents

Value = Mapping[str, object]
_WRITES = (Action.CREATE, Action.UPDATE)


@dataclass(frozen=True, slots=True)
class Subject:
    """One flow of the plan, before and after as plain data; None where it is not there, or is no sound YAML."""

    key: FlowKey
    change: Change
    before: Value | None
    after: Value | None

    @property
    def was_off(self) -> bool:
        """Whether the flow is disabled on the server, so that nothing of it happened so far."""
        return self.before is not None and is_on(self.before.get("disabled"))

    @property
    def goes(self) -> bool:
        """Whether the flow is deleted."""
        return self.change.action is Action.DELETE

    @property
    def starts(self) -> bool:
        """Whether the flow is new."""
        return self.change.action is Action.CREATE


@dataclass(slots=True)
class World:
    """A plan's surroundings. `calls` are the calls once the plan is done: called flow → calls of it."""

    project: Project
    live: LiveState
    now: datetime
    changes: Mapping[FlowKey, Change]
    sources: Mapping[FlowKey, str]
    calls: Mapping[FlowKey, list[Call]]
    documents: Documents
    actions: Mapping[ObjectKey, Action] = field(default_factory=dict)
    schedules: dict[FlowKey, tuple[ScheduleImpact, ...]] = field(default_factory=dict)
    drains: bool = False
    _triggers: dict[FlowKey, dict[str, LiveTrigger]] = field(default_factory=dict)
    _uses: dict[FlowKey, tuple[Use, ...]] = field(default_factory=dict)
    _circles: dict[FlowKey, tuple[FlowKey, ...]] | None = None

    @property
    def environment(self) -> Environment:
        """The environment that is planned."""
        return self.project.environment

    def subjects(self) -> Iterator[Subject]:
        """Every flow that is written or deleted, in plan order."""
        for key, change in self.changes.items():
            if change.action in _WRITES or change.action is Action.DELETE:
                before = change.before.source if change.before is not None else None
                after = change.after.source if change.after is not None else None
                yield Subject(key, change, self._read(before), self._read(after))

    def _read(self, text: str | None) -> Value | None:
        document = self.documents.read(text_digest(text), text) if text is not None else None
        return document.value if document is not None and isinstance(document.value, dict) else None

    def exists_afterwards(self, key: FlowKey) -> bool:
        """Whether a flow is on the server once the plan is done."""
        change = self.changes.get(key)
        if change is not None and change.action is not Action.FORGET:
            return change.action is not Action.DELETE
        return key in self.live.flows

    def text_afterwards(self, key: FlowKey) -> str | None:
        """A flow's text once the plan is done; None when it is not there, or its text is not known."""
        if not self.exists_afterwards(key):
            return None
        change = self.changes.get(key)
        if change is not None and change.action in _WRITES:
            return change.after.source if change.after is not None else None
        flow = self.project.flows.get(key)
        if flow is not None and key in self.live.flows and flow.digest == self.live.flows[key].digest:
            return flow.source
        return self.sources.get(key)

    def afterwards(self, key: FlowKey) -> Value | None:
        """A flow once the plan is done, as plain data; None when it is not there or not known."""
        return self._read(self.text_afterwards(key))

    def callers(self, key: FlowKey) -> list[Call]:
        """Calls of a flow by other flows, but for those that never happen."""
        return [call for call in self.calls.get(key, ()) if call.caller != key and not self.asleep(call)]

    def uses(self, subject: Subject) -> tuple[Use, ...]:
        """The names that expressions of the new flow use. Those of a text that only moved count too."""
        if subject.key not in self._uses:
            self._uses[subject.key] = tuple(uses(subject.after)) if subject.after is not None else ()
        return self._uses[subject.key]

    @property
    def circles(self) -> Mapping[FlowKey, tuple[FlowKey, ...]]:
        """The flows that start each other in a circle which has a Flow trigger in it, each with its circle."""
        if self._circles is None:
            found = circles_of(self.calls)
            if found:  # few flows are in circles: only of those it is looked for what is disabled
                inside = {key: [call for call in self.calls.get(key, ()) if call.caller in found] for key in found}
                awake = {key: [call for call in calls if not self.asleep(call)] for key, calls in inside.items()}
                found = circles_of(awake)
            self._circles = found
        return self._circles

    def asleep(self, call: Call) -> bool:
        """Whether a call never happens, because its flow or what stands around it is disabled."""
        text = self.text_afterwards(call.caller)
        return text is not None and "disabled" in text and asleep(self._read(text), call.place)

    def within(self, namespace: str) -> bool:
        """Whether a namespace is one that the live state covers."""
        return self.environment.owns_namespace(namespace) or namespace == self.environment.namespace

    def triggers(self, key: FlowKey) -> Mapping[str, LiveTrigger]:
        """Run-time state of a flow's triggers, by id."""
        if not self._triggers and self.live.triggers:
            for trigger in self.live.triggers:
                self._triggers.setdefault(trigger.flow, {})[trigger.trigger_id] = trigger
        return self._triggers.get(key, {})


def dicts(items: object) -> Iterator[tuple[int, Value]]:
    """The maps in a list, with their places."""
    for index, item in enumerate(items if isinstance(items, list) else ()):
        if isinstance(item, dict):
            yield index, item


def by_id(flow: Value | None, member: str) -> dict[str, tuple[int, Value]]:
    """The items of a list of a flow (inputs, outputs, triggers) by id, with their places."""
    found = dicts(flow.get(member)) if flow is not None else ()
    return {str(item["id"]): (index, item) for index, item in found if isinstance(item.get("id"), str)}


def is_core_trigger(item: Value, *names: str) -> bool:
    """Whether a trigger is one of Kestra's own with this name, in today's or the old package."""
    package, _, name = str(item.get("type", "")).rpartition(".")
    return name in names and package in ("io.kestra.plugin.core.trigger", "io.kestra.core.models.triggers.types")
