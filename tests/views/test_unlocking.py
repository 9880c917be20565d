"""What `unlock` says that it did."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from flowctl.model.keys import FlowKey
from flowctl.model.ledger import Lock, Unlocked
from flowctl.views.unlocking import unlocked_json, unlocked_text
from tests.views.golden import assert_golden

AT = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)
LOCK = Lock("7f3a", "ann", "desk", AT, AT, "plan-1")
HEAD = "Released lock 7f3a of staging: an apply by ann@desk from 2026-03-01 12:00:00 UTC."
NEXT = "What that apply had written counts as flowctl's. Next: flowctl plan staging"


def test_a_lock_with_nothing_switched_off_is_said_in_two_lines() -> None:
    assert unlocked_text(Unlocked(LOCK), "staging") == f"{HEAD}\n{NEXT}"


def test_everything_that_was_put_back_is_named_and_what_was_left_alone() -> None:
    load, sync, split = (FlowKey("shop", name) for name in ("load", "sync", "split"))
    done = Unlocked(LOCK, ((load, "daily"), (sync, "hourly")), (load,), (split,), ((sync, "nightly"),))
    assert unlocked_text(done, "staging").splitlines() == [
        HEAD,
        "  Switched on again: trigger daily of shop/load, trigger hourly of shop/sync",
        "  Disabled again: trigger nightly of shop/sync",
        "  Put back the text of: shop/load",
        "  Left alone, for they were edited since: shop/split",
        NEXT,
    ]


def test_who_gives_up_a_move_is_told_which() -> None:
    found = unlocked_text(Unlocked(replace(LOCK, plan_id="move:new")), "old")
    assert found.splitlines()[0] == HEAD.replace("staging", "old").replace("an apply", "a move to new")


@pytest.mark.parametrize(
    ("plan_id", "arrived"),
    [("move:new", "What has arrived at new fires there too"), ("moved:new", "Everything fires at new too")],
)
def test_who_gives_up_a_move_is_told_that_both_servers_fire_now(plan_id: str, arrived: str) -> None:
    load = FlowKey("shop", "load")
    found = unlocked_text(Unlocked(replace(LOCK, plan_id=plan_id), ((load, "daily"),)), "old").splitlines()
    assert found[1:] == [
        "  Switched on again: trigger daily of shop/load",
        f"{arrived}: on both servers now. To go on with new alone: flowctl move old new",
    ]


def test_programs_are_told_the_same() -> None:
    load, split = FlowKey("shop", "load"), FlowKey("shop", "split")
    lock = replace(LOCK, expires_at=AT + timedelta(minutes=5))
    done = Unlocked(lock, ((load, "daily"),), (load,), (split,), ((split, "nightly"),))
    assert_golden("unlocked.json", unlocked_json(done, "staging"))
    assert json.loads(unlocked_json(Unlocked(replace(lock, plan_id="move:new")), "old"))["move"] == "new"
