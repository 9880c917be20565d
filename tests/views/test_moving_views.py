"""A move and its end as text and JSON, whole."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, datetime

from flowctl.model.keys import FileKey, FlowKey, KvKey
from flowctl.model.ledger import Ledger, Lock
from flowctl.model.live import LiveTrigger, ServerIdentity
from flowctl.model.moving import Missed, Move, MoveReport
from flowctl.model.plan import Plan
from flowctl.views.moving import move_json, move_text, report_json, report_text

AT = datetime(2026, 3, 1, 3, 0, tzinfo=UTC)
ETL = FlowKey("shop", "etl")
MOVE = Move(
    "prod",
    "prod-new",
    "shop",
    "http://old",
    Plan("p", "prod-new", "shop", ServerIdentity("http://new", "main", "x", "2.0.0"), AT, "0.1.0", ()),
    values=(KvKey("shop", "token"),),
    files=(FileKey("shop", "/a.csv"),),
    fire=(LiveTrigger(ETL, "daily", disabled=False, next_date=AT),),
    rest=(LiveTrigger(ETL, "hourly", disabled=True, next_date=AT),),
    running={ETL: "2 running"},
    left=tuple(FlowKey("shop", f"x{number:02}") for number in range(22)),
    webhooks=(ETL,),
    ledger=Ledger("lineage", 12, "00"),
)
LOCK = Lock("id-1", "ann", "desk", AT, AT, "move:prod-new")
PART = MoveReport(LOCK, None, 1, 0, (), ((ETL, "daily"),), (Missed(ETL, "daily", AT),))

TEXT = """\
Move prod to prod-new
  from  http://old
  to    http://new
  the history goes along: serial 12, 0 applies

Copied from server to server, because no file has them:
  kv shop:token
  file shop:/a.csv

Switched off there, just before they begin here:
  shop/etl daily  next 2026-03-01 03:00:00 UTC

Switched off there, and here as well:
  shop/etl hourly

At work there, and left to end there:
  shop/etl 2 running

Not deployed by flowctl, and left there:
{left}
  and 2 more

Webhooks: both servers answer; give the callers the new address:
  shop/etl
""".format(left="\n".join(f"  flow shop/x{number:02}" for number in range(20)))


def test_a_move_as_text() -> None:
    assert move_text(MOVE) == TEXT
    assert move_text(replace(MOVE, done=True)) == "prod was moved to prod-new already. Nothing to do.\n"


def test_a_move_as_json() -> None:
    assert json.loads(move_json(replace(MOVE, left=()))) == {
        "format": "1.0",
        "type": "move",
        "source": "prod",
        "target": "prod-new",
        "from": "http://old",
        "to": "http://new",
        "done": False,
        "serial": 12,
        "history": 0,
        "values": ["kv shop:token"],
        "files": ["file shop:/a.csv"],
        "triggers": [{"flow": "shop/etl", "trigger": "daily", "next": "2026-03-01T03:00:00+00:00"}],
        "off": [{"flow": "shop/etl", "trigger": "hourly", "next": "2026-03-01T03:00:00+00:00"}],
        "running": {"shop/etl": "2 running"},
        "left": [],
        "webhooks": ["shop/etl"],
        "refusals": [],
    }


def test_the_end_of_a_move_as_text() -> None:
    assert report_text(MOVE, PART) == (
        "Moved prod to prod-new in part. Settle what failed and repeat the command.\n"
        "  1 key-value and 0 files copied; 0 triggers switched off on the old server\n"
        "  shop/etl did not arrive: its trigger daily fires on the old server again\n"
        "  missed on the way: shop/etl daily at 2026-03-01 03:00:00 UTC\n"
        "    to make up for it: flowctl run prod-new:shop/etl\n"
    )
    assert report_text(MOVE, MoveReport(LOCK, None, 2, 1, ((ETL, "daily"),))) == (
        "Moved prod to prod-new.\n"
        "  2 key-values and 1 file copied; 1 trigger switched off on the old server\n"
        "The old server is locked for prod (lock id-1), and nothing was deleted there.\n"
        "To take it back: flowctl move prod-new prod\n"
    )


def test_the_end_of_a_move_as_json() -> None:
    assert json.loads(report_json(MOVE, PART)) == {
        "format": "1.0",
        "type": "moved",
        "source": "prod",
        "target": "prod-new",
        "ok": False,
        "lock": "id-1",
        "values": 1,
        "files": 0,
        "off": [],
        "reopened": [{"flow": "shop/etl", "trigger": "daily"}],
        "missed": [{"flow": "shop/etl", "trigger": "daily", "date": "2026-03-01T03:00:00+00:00"}],
    }
