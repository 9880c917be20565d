"""An apply was cut short and left triggers on or off: status and plan say so, an apply with nothing to do mends it."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta

import pytest

from flowctl.model.keys import FlowKey
from flowctl.model.ledger import Lock
from flowctl.remote.bookkeeping.records import encode_lock
from tests.story.project import Project

TRIGGER = '  - id: {id}\n    type: io.kestra.plugin.core.trigger.Schedule\n    cron: "0 {hour} * * *"\n'
FLOW = "id: load\ntasks:\n  - id: say\n    type: io.kestra.plugin.core.log.Log\n    message: hello\ntriggers:\n"
KEY = FlowKey("dev", "load")
OFF, ON = (KEY, "early"), (KEY, "late")


@pytest.fixture
def cut_short(project: Project) -> Project:
    """A project that is applied. An apply after that switched `early` off; `late` was off before it, and is on."""
    project.flowctl("init")
    project.write("flows/dev/load.yaml", FLOW + TRIGGER.format(id="early", hour=4) + TRIGGER.format(id="late", hour=9))
    project.apply()
    project.flowctl("triggers", "disable", "-e", "dev", "dev/load", "early")
    past = datetime.now(UTC) - timedelta(hours=1)
    lock = Lock("l1", "ann", "desk", past, past, "plan-1", paused=(OFF,), stay_off=(ON,))
    leave(project, lock)
    return project


def leave(project: Project, lock: Lock) -> None:
    """Put a lock where flowctl has its own."""
    project.server().request("PUT", "/namespaces/dev/kv/flowctl.lock", json.dumps(encode_lock(lock)))


def states(project: Project) -> dict[str, bool]:
    """Of each trigger whether it is on."""
    rows = json.loads(project.flowctl("triggers", "list", "-e", "dev", "--json").out)["triggers"]
    return {row["trigger"]: not row["disabled"] for row in rows}


def test_an_apply_with_nothing_to_do_puts_it_right(cut_short: Project) -> None:
    assert states(cut_short) == {"early": False, "late": True}
    assert json.loads(cut_short.flowctl("status", "--json").out)["unfinished"] == [
        "trigger early of dev/load was switched off for a while",
        "trigger late of dev/load was disabled, and may be on",
    ]
    plan = cut_short.plan()
    assert plan["empty"]
    assert [one["code"] for one in plan["warnings"]] == ["P119"]
    assert "A130" in cut_short.apply().err
    assert states(cut_short) == {"early": True, "late": False}
    assert cut_short.plan()["warnings"] == []
    assert "unfinished" not in cut_short.flowctl("status").out


def test_a_saved_plan_with_nothing_to_do_puts_it_right(cut_short: Project) -> None:
    cut_short.flowctl("plan", "dev", "--out", "nothing.json")
    cut_short.apply("nothing.json")
    assert states(cut_short) == {"early": True, "late": False}


def test_an_apply_that_is_alive_is_left_alone(cut_short: Project) -> None:
    now = datetime.now(UTC)
    leave(cut_short, Lock("l2", "ann", "desk", now, now + timedelta(hours=1), "plan-1", paused=(OFF,), stay_off=(ON,)))
    cut_short.apply()
    assert states(cut_short) == {"early": False, "late": True}


def test_unlock_puts_it_right_and_says_so(cut_short: Project) -> None:
    said = json.loads(cut_short.flowctl("unlock", "dev", "l1", "--json").out)
    assert said["switchedOn"] == [{"flow": "dev/load", "trigger": "early"}]
    assert said["disabledAgain"] == [{"flow": "dev/load", "trigger": "late"}]
    assert states(cut_short) == {"early": True, "late": False}
