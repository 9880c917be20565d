"""Triggers that somebody disabled on the server stay disabled when their flow is written.

A server of 2.0.0 switches a trigger on when its own definition changes, a moment after the flow is saved. So they are
disabled again right after the write, and looked at once more when everything is written. Which ones is recorded beside
the lock before the first write, so that after a kill the next apply disables them. The bundled server leaves them as
they are.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from flowctl.applying.holds import problems as hold_problems
from flowctl.applying.lease import Lease
from flowctl.applying.session import Session
from flowctl.errors import ServerError
from flowctl.flowtext.document import parse
from flowctl.flowtext.problems import YamlProblem
from flowctl.model.diagnostic import Diagnostic
from flowctl.model.keys import FlowKey, ObjectKey, TriggerKey
from flowctl.model.ledger import Lock
from flowctl.model.live import LiveState
from flowctl.model.plan import Action, Change
from flowctl.remote.port import Server


class StaysOff:
    """The triggers that were disabled before this apply, or one that was cut short before it, and by nobody's drain or
    move. `recorded` are those that may come on."""

    def __init__(self, session: Session, lease: Lease, live: LiveState, pending: Iterable[Change]) -> None:
        self._session, self._inherited = session, frozenset(lease.lock.stay_off)
        off = {(one.flow, one.trigger_id) for one in live.triggers if one.disabled} - set(lease.lock.paused)
        wanted = self._inherited if live.server.capabilities.state else self._inherited | off
        self._of = _by_flow(wanted, pending) if wanted else {}
        self._touched: set[TriggerKey] = set()
        self._unsure: dict[TriggerKey, tuple[Diagnostic, ...]] = {}

    @property
    def recorded(self) -> tuple[TriggerKey, ...]:
        """What is to be written down before the first write."""
        return tuple(sorted({*self._inherited, *(one for found in self._of.values() for one in found)}))

    def after(self, change: Change) -> None:
        """A change is on the server, or may be: disable again what its flow still has."""
        for trigger in self._of.get(change.key, ()):
            self._touched.add(trigger)
            self._switch_off(trigger)

    def look_again(self) -> None:
        """Everything is written: disable what came on after all, and what another apply left on."""
        watched = self._touched | self._inherited
        if not watched:
            return
        try:
            found = self._session.server.read_activity(sorted({flow for flow, _ in watched})).triggers
        except ServerError as error:
            self._unsure = dict.fromkeys(watched, error.diagnostics)
        else:
            on = {(one.flow, one.trigger_id) for one in found if not one.disabled} & watched
            for trigger in sorted(on | set(self._unsure)):
                self._switch_off(trigger)
            self._tell(on - self._touched)
        for trigger, why in sorted(self._unsure.items()):
            self._session.problems.append(hold_problems.may_be_on(*trigger, self._place, why))

    def left(self, uncertain: Iterable[ObjectKey]) -> tuple[TriggerKey, ...]:
        """The triggers that may be on yet, or may come on with writes of which nobody knows whether they arrived."""
        return tuple(sorted({*self._unsure, *(one for key in uncertain for one in self._of.get(key, ()))}))

    def _switch_off(self, trigger: TriggerKey) -> None:
        try:
            self._session.server.switch_trigger(*trigger, off=True)
        except ServerError as error:
            self._unsure[trigger] = error.diagnostics
        else:
            self._unsure.pop(trigger, None)

    def _tell(self, inherited: Iterable[TriggerKey]) -> None:
        for trigger in sorted(inherited):
            if trigger not in self._unsure:
                self._session.note(hold_problems.disabled_again(*trigger))

    @property
    def _place(self) -> str:
        return self._session.options.environment.name


def disable_left(server: Server, lock: Lock) -> tuple[TriggerKey, ...]:
    """Disable what an apply that was cut short may have left on. Returns what was on.

    Raises:
        ServerError: the server did not do it.
    """
    if not lock.stay_off:
        return ()
    flows: Sequence[FlowKey] = sorted({flow for flow, _ in lock.stay_off})
    found = {(one.flow, one.trigger_id) for one in server.read_activity(flows).triggers if not one.disabled}
    on = tuple(sorted(found & set(lock.stay_off)))
    for trigger in on:
        server.switch_trigger(*trigger, off=True)
    return on


def _by_flow(off: Iterable[TriggerKey], pending: Iterable[Change]) -> dict[ObjectKey, tuple[TriggerKey, ...]]:
    """Of each flow that is to be written, the triggers among `off` that its new text still has."""
    by_flow: dict[ObjectKey, list[TriggerKey]] = {}
    for trigger in sorted(off):
        by_flow.setdefault(trigger[0], []).append(trigger)
    found = dict[ObjectKey, tuple[TriggerKey, ...]]()
    for change in pending:
        if change.action is Action.UPDATE and change.key in by_flow and change.after is not None:
            has = _triggers(change.after.source or "")
            found[change.key] = tuple(one for one in by_flow[change.key] if one[1] in has)
    return found


def _triggers(source: str) -> set[str]:
    """The ids of the triggers in a text that was planned, and so is sound."""
    try:
        value = parse(source).value
    except YamlProblem:
        return set()
    rows = value.get("triggers") if isinstance(value, dict) else None
    return {str(row.get("id")) for row in rows if isinstance(row, dict)} if isinstance(rows, list) else set()
