"""Triggers that somebody disabled on the server stay disabled when their flow is written.

A server of 2.0.0 switches a trigger on when its own definition changes, a moment after the flow is saved. So they are
disabled again right after the write, and looked at once more when everything is written. The bundled server leaves them
as they are.
"""

from __future__ import annotations

from collections.abc import Iterator

from flowctl.applying.holds import problems as hold_problems
from flowctl.applying.lease import Lease
from flowctl.applying.session import Session
from flowctl.errors import ServerError
from flowctl.flowtext.document import parse
from flowctl.flowtext.problems import YamlProblem
from flowctl.model.keys import FlowKey
from flowctl.model.live import LiveState
from flowctl.model.plan import Action, Change

Trigger = tuple[FlowKey, str]


class StaysOff:
    """The triggers that were disabled when this apply began, and by nobody's drain or move."""

    def __init__(self, session: Session, lease: Lease, live: LiveState) -> None:
        self._session = session
        off = {(one.flow, one.trigger_id) for one in live.triggers if one.disabled} - set(lease.lock.paused)
        self._off: set[Trigger] = set() if live.server.capabilities.state else off
        self._touched: list[Trigger] = []

    def after(self, change: Change) -> None:
        """A change is on the server: disable again what its flow still has."""
        for trigger in self._concerned(change):
            self._touched.append(trigger)
            self._switch_off(trigger)

    def look_again(self) -> None:
        """Everything is written: disable what came on after all."""
        if not self._touched:
            return
        try:
            found = self._session.server.read_activity(sorted({flow for flow, _ in self._touched})).triggers
        except ServerError as error:
            for flow, trigger_id in self._touched:
                self._session.problems.append(hold_problems.may_be_on(flow, trigger_id, self._place, error.diagnostics))
            return
        for one in found:
            if not one.disabled and (one.flow, one.trigger_id) in self._touched:
                self._switch_off((one.flow, one.trigger_id))

    def _concerned(self, change: Change) -> Iterator[Trigger]:
        after = change.after
        if change.action is not Action.UPDATE or not isinstance(change.key, FlowKey) or after is None:
            return
        mine = [trigger_id for flow, trigger_id in sorted(self._off) if flow == change.key]
        has = _triggers(after.source or "") if mine else set()
        yield from ((change.key, trigger_id) for trigger_id in mine if trigger_id in has)

    def _switch_off(self, trigger: Trigger) -> None:
        try:
            self._session.server.switch_trigger(*trigger, off=True)
        except ServerError as error:
            self._session.problems.append(hold_problems.may_be_on(*trigger, self._place, error.diagnostics))

    @property
    def _place(self) -> str:
        return self._session.options.environment.name


def _triggers(source: str) -> set[str]:
    """The ids of the triggers in a text that was planned, and so is sound."""
    try:
        value = parse(source).value
    except YamlProblem:
        return set()
    rows = value.get("triggers") if isinstance(value, dict) else None
    return {str(row.get("id")) for row in rows if isinstance(row, dict)} if isinstance(rows, list) else set()
