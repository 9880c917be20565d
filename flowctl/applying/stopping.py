"""Flows that are disabled while their executions come to an end, so that no webhook, caller or person starts one.

A server has no other switch for that than the text of the flow: `disabled: true` makes a new revision. Which revision
it goes back to is recorded beside the lock before, so that after a kill the next apply puts it back.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import replace

from flowctl.applying import hold_problems
from flowctl.applying.fencing import moved
from flowctl.applying.lease import Lease
from flowctl.applying.session import Session
from flowctl.errors import ServerError, ServerRefused
from flowctl.flowtext.digests import text_digest
from flowctl.flowtext.edits import set_key
from flowctl.flowtext.problems import YamlProblem
from flowctl.flowtext.splice import SpliceError
from flowctl.model.keys import FlowKey
from flowctl.model.ledger import Ledger, Stopped
from flowctl.model.live import LiveFlow
from flowctl.model.plan import Change
from flowctl.remote.port import Server, Written


class Stop:
    """The flows that this apply, or one that was cut short before it, disabled."""

    def __init__(self, session: Session, lease: Lease, ledger: Ledger | None) -> None:
        self._session, self._lease, self._ledger = session, lease, ledger
        self._tried: set[FlowKey] = set()
        self._texts: Mapping[FlowKey, str] | None = None
        self._now: dict[FlowKey, tuple[int | None, str]] = {}

    def stop(self, flow: FlowKey, change: Change, left: Sequence[Change]) -> None:
        """Disable a flow that is as the plan saw it, once, and not before everything of the plan that calls it is gone.
        One that was disabled before stays as it is.

        Raises:
            ServerError: the server cannot be asked; what it did is recorded.
        """
        if flow in self._tried or self._needed(flow, change, left):
            return
        have = self._session.server.read_flow(flow)
        if have is not None and self._is_stopped(have):
            self._now[flow] = have.revision, have.digest  # the answer to the write was lost
        elif have is not None and not have.disabled and moved(change, have, self._ledger) is None:
            self._disable(have)
        self._tried.add(flow)

    def _find(self, flow: FlowKey) -> None:
        """Look how a flow stands whose disabling was begun, and its answer lost."""
        if flow in self._now or all(one.flow != flow for one in self._lease.lock.stopped):
            return
        try:
            have = self._session.server.read_flow(flow)
        except ServerError:
            return
        if have is not None and self._is_stopped(have):
            self._now[flow] = have.revision, have.digest

    def _is_stopped(self, have: LiveFlow) -> bool:
        return any(one.flow == have.key and one.meanwhile == have.digest for one in self._lease.lock.stopped)

    def _needed(self, flow: FlowKey, change: Change, left: Sequence[Change]) -> bool:
        """Whether executions of flows that are still to go may call this one, itself among them: they would fail.

        Flows that call each other in a circle do not depend on each other in a plan, so texts are looked into.
        """
        if self._texts is None:
            going = [one.key for one in self._session.plan.changes if one.drain and isinstance(one.key, FlowKey)]
            self._texts = self._session.server.read_sources(going)
        named = re.compile(rf"flowId['\"]?\s*:\s*['\"]?{re.escape(flow.id)}\b")
        others = {one.key for one in left}
        texts = (text for key, text in self._texts.items() if key in others)
        return any(key in others for key in change.depends_on) or any(map(named.search, texts))

    def _disable(self, have: LiveFlow) -> None:
        assert have.source is not None
        try:
            text = set_key(have.source, "disabled", True)
        except (SpliceError, YamlProblem) as problem:
            self._session.note(hold_problems.cannot_disable(have.key, str(problem)))
            return
        stopped = Stopped(have.key, have.revision, have.digest, text_digest(text))
        if stopped not in self._lease.lock.stopped and not self._lease.stop_flow(stopped):
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
            try:
                if one.flow not in gone and self._lease.still_ours():
                    found = restore(self._session.server, one)
                    if found is not None:
                        written(one.flow, found)
            except ServerError as error:
                left.append(one)
                self._session.problems.append(hold_problems.stays_disabled(one.flow, error.diagnostics))
        return tuple(left)


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
