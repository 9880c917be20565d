"""What apply waits for is part of a saved plan."""

from __future__ import annotations

import json
from datetime import UTC, datetime

from flowctl.model.keys import FlowKey
from flowctl.model.live import ServerIdentity
from flowctl.model.plan import Action, Change, Content, Plan
from flowctl.planfile.decoding import decode_plan
from flowctl.planfile.encoding import encode_plan
from flowctl.planfile.members import Members


def test_holds_survive_the_plan_file() -> None:
    held = Change(
        Action.DELETE, FlowKey("dev", "a"), Content("d", 1), None, "r", 0,
        hold="1 running", drain=True, called_by=(FlowKey("dev", "b"),),
    )  # fmt: skip
    server = ServerIdentity("http://127.0.0.1", "main", "id", "2.0")
    plan = Plan("p", "dev", "dev", server, datetime(2026, 1, 1, tzinfo=UTC), "0.1.0", (held,), quiet_window=300.0)
    assert decode_plan(Members(json.loads(json.dumps(encode_plan(plan))), "plan")) == plan
