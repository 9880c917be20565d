"""The middle of a turn: decisions and what they cause, until there is nothing left to do now."""

from __future__ import annotations

from flowctl.engine.executor.deciding.decide import decide
from flowctl.engine.executor.lifecycle.sla import check as check_sla
from flowctl.engine.executor.performer import Performer
from flowctl.engine.executor.performing import perform
from flowctl.engine.executor.records.states import CREATED, RUNNING

TURN_MICROS = 25_000


def advance(performer: Performer) -> None:
    """Decide and perform until nothing is left to do now, or the turn has lasted long enough to be recorded."""
    turn, live = performer.turn, performer.live
    began = turn.clock()
    agreed = bool(live.definition.value.get("sla"))
    if agreed and live.execution.state in (CREATED, RUNNING) and not live.execution.runs:
        check_sla(performer)  # before anything runs (seen on a real 2.0 and 1.3)
    while True:
        decision = decide(live.definition, live.execution, turn.clock())
        turn.wake = decision.wake
        perform(performer, decision)
        broken = agreed and check_sla(performer)
        if decision.empty and not broken:
            return
        if turn.clock() - began > TURN_MICROS:
            turn.again = True
            return
