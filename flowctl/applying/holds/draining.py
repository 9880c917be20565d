"""Triggers that are switched off while the executions of their flow come to an end (`--drain`).

Only the state of the trigger changes, never the text of the flow. What is switched off is recorded beside the lock
before, so that after a kill the next apply switches it on again.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable

from flowctl.applying.holds import problems as hold_problems
from flowctl.applying.holds.staying import disable_left
from flowctl.applying.holds.stopping import restore
from flowctl.applying.lease import Lease
from flowctl.applying.session import Session
from flowctl.errors import ServerError
from flowctl.model.keys import FlowKey, ObjectKey, TriggerKey
from flowctl.model.ledger import Lock, Stopped, Unlocked
from flowctl.model.live import LiveTrigger
from flowctl.remote.port import Server


class Drain:
    """The triggers that this apply, or one that was cut short before it, switched off."""

    def __init__(self, session: Session, lease: Lease) -> None:
        self._session, self._lease = session, lease

    def shut(self, flow: FlowKey, triggers: Iterable[LiveTrigger]) -> None:
        """Let no trigger of a flow start anything more. Webhooks have no switch.

        Raises:
            ServerError: the server did not do it; what it did is recorded.
        """
        found = [(flow, trigger.trigger_id) for trigger in triggers if not trigger.disabled]
        known = {*self._lease.lock.paused, *self._lease.lock.stay_off}
        new = [one for one in found if one not in known]
        if new and not self._lease.pause_triggers((*self._lease.lock.paused, *new)):
            return
        for one, trigger_id in found:
            self._session.server.switch_trigger(one, trigger_id, off=True)

    def reopen(self, gone: Collection[FlowKey]) -> tuple[TriggerKey, ...]:
        """Switch on again what was switched off, but for flows that are gone. Returns what stays switched off."""
        left = list[TriggerKey]()
        for flow, trigger_id in self._lease.lock.paused:
            try:
                if flow not in gone:
                    self._session.server.switch_trigger(flow, trigger_id, off=False, recover=True)
            except ServerError as error:
                left.append((flow, trigger_id))
                self._session.problems.append(
                    hold_problems.stays_off(flow, trigger_id, self._session.options.environment.name, error.diagnostics)
                )
        return tuple(left)


def reopen_left(server: Server, lock: Lock, touched: Collection[ObjectKey] = ()) -> Unlocked:
    """Switch on again what an apply that was cut short left switched off, and disable what it left on; nothing to do
    for one that ended. Texts of flows that are `touched` by a plan are left to it. Returns what was put back.

    Raises:
        ServerError: the server did not do it.
    """
    if lock.released:
        return Unlocked(lock)
    stopped = [one for one in lock.stopped if one.flow not in touched]
    back = {one.flow for one in stopped if restore(server, one)}
    on = [one for one in lock.paused if server.switch_trigger(*one, off=False, recover=True)]
    left = {one.flow for one in stopped if one.flow not in back and _edited(server, one)}
    return Unlocked(lock, tuple(sorted(on)), tuple(sorted(back)), tuple(sorted(left)), disable_left(server, lock))


def _edited(server: Server, stopped: Stopped) -> bool:
    """Whether a flow is there with another text than its own, which it may never have lost or have back already."""
    have = server.read_flow(stopped.flow)
    return have is not None and have.digest != stopped.digest
