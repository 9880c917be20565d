"""Flows that are disabled while their executions come to an end, so that no webhook, caller or person starts one.

A server has no other switch for that than the text of the flow: `disabled: true` makes a new revision. Which revision
it goes back to is recorded beside the lock before, so that after a kill the next apply puts it back. While another flow
that goes may call it yet, a flow is not disabled but closed: only its triggers are.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from dataclasses import replace

from flowctl.applying.fencing import moved
from flowctl.applying.holds import problems as hold_problems
from flowctl.applying.holds.shutting import Edit, closed, disabled
from flowctl.applying.lease import Lease
from flowctl.applying.session import Session
from flowctl.errors import ServerError, ServerRefused
from flowctl.flowtext.digests import text_digest
from flowctl.flowtext.problems import YamlProblem
from flowctl.flowtext.splice import SpliceError
from flowctl.model.holding import circle_of
from flowctl.model.keys import FlowKey, ObjectKey
from flowctl.model.ledger import Ledger, Stopped
from flowctl.model.live import LiveFlow
from flowctl.model.plan import Change
from flowctl.remote.port import Server, Written


class Stop:
    """The flows that this apply, or one that was cut short before it, disabled or closed."""

    def __init__(self, session: Session, lease: Lease, ledger: Ledger | None) -> None:
        self._session, self._lease, self._ledger = session, lease, ledger
        self._tried: set[tuple[ObjectKey, Edit]] = set()
        self._now: dict[FlowKey, tuple[int | None, str]] = {}
        self._told: set[ObjectKey] = set()

    def stop(self, change: Change, left: Sequence[Change]) -> None:
        """Disable a flow that is as the plan saw it, once; close it as long as flows of the plan that call it are to go
        yet, itself among them, for their executions would fail. One that was disabled before stays as it is.

        Raises:
            ServerError: the server cannot be asked; what it did is recorded.
        """
        assert isinstance(change.key, FlowKey)
        others = {one.key for one in left}
        called = any(key in others for key in (*change.depends_on, *change.called_by))
        edit = closed if called else disabled
        if (change.key, edit) in self._tried:
            return
        self._tell_circle(change, left)
        have = self._session.server.read_flow(change.key)
        known = self._begun(have) if have is not None else None
        if have is not None and not have.disabled and (known or moved(change, have, self._ledger) is None):
            self._write(have, known or Stopped(have.key, have.revision, have.digest, ""), edit)
        self._tried.add((change.key, edit))

    def _begun(self, have: LiveFlow) -> Stopped | None:
        """What an apply made of a flow that is as it left it; the answer to the write may have been lost."""
        known = next((one for one in self._lease.lock.stopped if _made(one, have)), None)
        if known is not None:
            self._now[have.key] = have.revision, have.digest
        return known

    def _find(self, flow: FlowKey) -> None:
        """Look how a flow stands whose change was begun, and its answer lost."""
        if flow in self._now or all(one.flow != flow for one in self._lease.lock.stopped):
            return
        try:
            have = self._session.server.read_flow(flow)
        except ServerError:
            return
        if have is not None:
            self._begun(have)

    def _tell_circle(self, change: Change, left: Sequence[Change]) -> None:
        """Say once of each circle that people are not refused."""
        circle = circle_of(change.key, left)
        if circle and change.key not in self._told:
            self._told.update(circle)
            self._session.note(hold_problems.open_to_people(circle))

    def _write(self, have: LiveFlow, begun: Stopped, edit: Edit) -> None:
        assert have.source is not None
        try:
            text = edit(have.source)
        except (SpliceError, YamlProblem) as problem:
            self._session.note(hold_problems.cannot_disable(have.key, str(problem)))
            return
        stopped = replace(begun, meanwhile=text_digest(text))
        if text == have.source or (stopped not in self._lease.lock.stopped and not self._lease.stop_flow(stopped)):
            return
        try:
            written = self._session.server.update_flow(have.key, text)
        except ServerRefused as error:
            if error.status >= 500:
                raise
            self._session.note(hold_problems.cannot_disable(have.key, error.diagnostics[0].summary))
        else:
            self._now[have.key] = written.revision, written.digest

    def as_it_stands(self, change: Change) -> Change:
        """A change with the text in between as what it begins from."""
        if not isinstance(change.key, FlowKey) or change.before is None:
            return change
        self._find(change.key)
        found = self._now.get(change.key)
        if found is None:
            return change
        return replace(change, before=replace(change.before, revision=found[0], digest=found[1]))

    def put_back(self, gone: Collection[FlowKey], written: Callable[[FlowKey, Written], None]) -> tuple[Stopped, ...]:
        """Put back the text of flows that stayed and that nobody changed since. Returns those that stay disabled."""
        left = list[Stopped]()
        for one in self._lease.lock.stopped:
            if any(other.flow == one.flow for other in left):
                left.append(one)
                continue
            try:
                if one.flow not in gone and self._lease.still_ours():
                    found = restore(self._session.server, one)
                    if found is not None:
                        written(one.flow, found)
            except ServerError as error:
                left.append(one)
                self._session.problems.append(hold_problems.stays_disabled(one.flow, error.diagnostics))
        return tuple(left)


def _made(stopped: Stopped, have: LiveFlow) -> bool:
    return stopped.flow == have.key and stopped.meanwhile == have.digest


def restore(server: Server, stopped: Stopped) -> Written | None:
    """Put back the text of a flow; None when it is gone, or somebody wrote another text meanwhile.

    Raises:
        ServerError: the server did not do it.
    """
    have = server.read_flow(stopped.flow)
    if have is None or have.digest != stopped.meanwhile:
        return None
    texts = [one for one in server.read_revisions(stopped.flow) if one.digest == stopped.digest]
    if not texts:
        raise ServerError(hold_problems.text_is_lost(stopped))
    return server.update_flow(stopped.flow, texts[-1].source)
