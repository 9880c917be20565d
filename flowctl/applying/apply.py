"""Doing a plan."""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import datetime

from flowctl.applying import refusals
from flowctl.applying.batching import apply_batch
from flowctl.applying.operations import check_contents
from flowctl.applying.options import ApplyOptions
from flowctl.applying.secrets import wanted_values
from flowctl.applying.session import Events, Session
from flowctl.applying.singles import apply_singly
from flowctl.errors import ApplyError
from flowctl.model.plan import Plan
from flowctl.model.report import ApplyReport
from flowctl.remote.port import Server

__all__ = ["ApplyOptions", "apply_plan"]


def apply_plan(
    plan: Plan,
    server: Server,
    options: ApplyOptions,
    events: Events,
    clock: Callable[[], datetime],
    environ: Mapping[str, str],
    stop: threading.Event,
    pause: Callable[[float], None] | None = None,
) -> ApplyReport:
    """Make the server hold what a plan says, or say for every object why not.

    `events` is called in the calling thread. `stop` ends the apply after what is in flight. `pause` waits a number of
    seconds; by default until `stop` is set. An empty plan asks the server nothing, unless an apply before left
    something to put right (`options.unfinished`).

    Raises:
        ApplyError: A1xx, refused before the first write; what is on the server is as before.
        ServerError: the server could not be asked before the first write.
        Interrupted: stopped while waiting for a lock.
    """
    if plan.refusals:
        raise ApplyError(refusals.has_refusals(len(plan.refusals)), *plan.refusals)
    if plan.empty and not options.unfinished:
        return ApplyReport(plan.id, (), plan.serial)
    check_contents(plan)
    window = options.quiet_window if options.quiet_window is not None else plan.quiet_window
    session = Session(
        plan=plan,
        server=server,
        options=replace(options.identified(), quiet_window=window),
        values=wanted_values(plan, environ),
        clock=clock,
        stop=stop,
        pause=pause or (lambda seconds: void(stop.wait(seconds))),
        events=events,
    )
    drains = any(change.drain for change in plan.changes)
    batch = server.identity.capabilities.batch and not (session.options.one_by_one or drains or plan.empty)
    return apply_batch(session) if batch else apply_singly(session)


def void(_: object) -> None:
    """Drop a value that says nothing here."""
