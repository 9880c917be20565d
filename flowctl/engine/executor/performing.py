"""Carrying a decision out: the only place where a turn's records change because of a decision."""

from __future__ import annotations

from flowctl.engine.executor.deciding.decision import Decision
from flowctl.engine.executor.flowables import loopitems, rounds
from flowctl.engine.executor.flowables.finishing import finish
from flowctl.engine.executor.flowables.starting import create, start
from flowctl.engine.executor.lifecycle.closing import close, interrupt
from flowctl.engine.executor.lifecycle.ending import end_execution, leave
from flowctl.engine.executor.lifecycle.floworder import enter
from flowctl.engine.executor.performer import Performer


def perform(performer: Performer, decision: Decision) -> None:
    """Do everything a decision says, in an order in which nothing gets ahead of its cause."""
    performer.live.pending_lines = performer.turn.lines
    if decision.admit:
        enter(performer)
    if decision.state:
        performer.turn.become(decision.state)
    for run in decision.interrupt:
        interrupt(performer, run)
    for run, state in decision.close:
        close(performer, run, state)
    for run, state in decision.finish:
        finish(performer, run, state)
    for run in decision.rounds:
        rounds.next_round(performer, performer.node(run), run)
    for run, index in decision.spawn:
        if not run.terminal:
            loopitems.spawn(performer, run, index)
    for run in decision.start:
        start(performer, run)
    for new in decision.create:
        if performer.turn.execution.memo.get("exit") is not None:
            break
        if new.parent is not None and new.parent.terminal:
            continue  # its group has been ended by the same decision
        create(performer, new.node, new.parent, new.value, new.iteration)
    left = performer.turn.execution.memo.pop("exit", None)
    if left is not None and not performer.turn.execution.terminal:
        leave(performer, str(left))
    elif decision.end is not None:
        end_execution(performer, decision.end)
