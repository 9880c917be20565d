"""A move to another server and how it ended, as text and as JSON."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence

from flowctl.model.live import LiveTrigger
from flowctl.model.moving import Move, MoveReport

FORMAT = "1.0"
SHOWN = 20


def move_text(move: Move) -> str:
    """What a move will do, but for the plan of its target, which stands below."""
    if move.done:
        return f"{move.source} was moved to {move.target} already. Nothing to do.\n"
    return "\n".join(_lines(move)) + "\n"


def _lines(move: Move) -> Iterator[str]:
    yield f"Move {move.source} to {move.target}"
    yield f"  from  {move.source_url}"
    yield f"  to    {move.plan.server.url}"
    if move.ledger is not None:
        yield f"  the history goes along: serial {move.ledger.serial}, {_count(len(move.history), 'apply', 'applies')}"
    copied = [*(key.address for key in move.values), *(key.address for key in move.files)]
    yield from _section("Copied from server to server, because no file has them:", copied)
    yield from _section("Switched off there, just before they begin here:", [_trigger(one) for one in move.fire])
    yield from _section("Switched off there, and here as well:", [_trigger(one, dated=False) for one in move.rest])
    running = [f"{key} {what}" for key, what in move.running.items()]
    yield from _section("At work there, and left to end there:", running)
    yield from _section("Not deployed by flowctl, and left there:", [key.address for key in move.left])
    yield from _section(
        "Webhooks: both servers answer; give the callers the new address:", [str(key) for key in move.webhooks]
    )


def _section(title: str, rows: Sequence[str]) -> Iterator[str]:
    if rows:
        yield ""
        yield title
        yield from (f"  {row}" for row in rows[:SHOWN])
        if len(rows) > SHOWN:
            yield f"  and {len(rows) - SHOWN} more"


def _trigger(one: LiveTrigger, *, dated: bool = True) -> str:
    due = f"  next {one.next_date:%Y-%m-%d %H:%M:%S %Z}" if dated and one.next_date is not None else ""
    return f"{one.flow} {one.trigger_id}{due}"


def _count(number: int, one: str, many: str) -> str:
    return f"{number} {one if number == 1 else many}"


def report_text(move: Move, report: MoveReport) -> str:
    """How it ended, and what to do next."""
    return "\n".join(_outcome(move, report)) + "\n"


def _outcome(move: Move, report: MoveReport) -> Iterator[str]:
    if report.ok:
        yield f"Moved {move.source} to {move.target}."
    else:
        yield f"Moved {move.source} to {move.target} in part. Settle what failed and repeat the command."
    copied = f"{_count(report.values, 'key-value', 'key-values')} and {_count(report.files, 'file', 'files')}"
    yield f"  {copied} copied; {_count(len(report.off), 'trigger', 'triggers')} switched off on the old server"
    for flow, trigger_id in report.reopened:
        yield f"  {flow} did not arrive: its trigger {trigger_id} fires on the old server again"
    for missed in report.missed:
        yield f"  missed on the way: {missed.flow} {missed.trigger_id} at {missed.date:%Y-%m-%d %H:%M:%S %Z}"
        yield f"    to make up for it: flowctl run {move.target}:{missed.flow}"
    if report.ok:
        yield f"The old server is locked for {move.source} (lock {report.lock.id}), and nothing was deleted there."
        yield f"To take it back: flowctl move {move.target} {move.source}"


def move_json(move: Move) -> str:
    """One line of JSON; the changes of the plan follow as events."""
    return json.dumps(
        {
            "format": FORMAT,
            "type": "move",
            "source": move.source,
            "target": move.target,
            "from": move.source_url,
            "to": move.plan.server.url,
            "done": move.done,
            "serial": move.ledger.serial if move.ledger is not None else None,
            "history": len(move.history),
            "values": [key.address for key in move.values],
            "files": [key.address for key in move.files],
            "triggers": [_trigger_json(one) for one in move.fire],
            "off": [_trigger_json(one) for one in move.rest],
            "running": {str(key): what for key, what in move.running.items()},
            "left": [key.address for key in move.left],
            "webhooks": [str(key) for key in move.webhooks],
            "refusals": [one.code for one in move.refusals],
        }
    )


def _trigger_json(one: LiveTrigger) -> dict[str, object]:
    due = one.next_date.isoformat() if one.next_date is not None else None
    return {"flow": str(one.flow), "trigger": one.trigger_id, "next": due}


def report_json(move: Move, report: MoveReport) -> str:
    """One line of JSON."""
    return json.dumps(
        {
            "format": FORMAT,
            "type": "moved",
            "source": move.source,
            "target": move.target,
            "ok": report.ok,
            "lock": report.lock.id,
            "values": report.values,
            "files": report.files,
            "off": [{"flow": str(flow), "trigger": trigger_id} for flow, trigger_id in report.off],
            "reopened": [{"flow": str(flow), "trigger": trigger_id} for flow, trigger_id in report.reopened],
            "missed": [
                {"flow": str(one.flow), "trigger": one.trigger_id, "date": one.date.isoformat()}
                for one in report.missed
            ],
        }
    )
