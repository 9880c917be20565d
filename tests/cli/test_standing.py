"""Where an environment stands: in words, and as facts for programs."""

from __future__ import annotations

import io
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from flowctl.cli.console import Console
from flowctl.cli.plans.prepare import Planned
from flowctl.cli.standing import facts, lock_state, show_standing, standing, standing_json
from flowctl.cli.unproven import Unproven
from flowctl.model.diagnostic import Diagnostic
from flowctl.model.drifting import DriftedObject, DriftReport
from flowctl.model.keys import FlowKey
from flowctl.model.ledger import Lock, Stopped
from flowctl.model.project import GitStamp
from flowctl.planning.build import build_plan
from tests.planning.sample import NOW, SERVER, flow, request
from tests.views.golden import assert_golden

LOCK = Lock("7f3a", "ann", "desk", NOW, NOW + timedelta(minutes=5), "plan-1")
KEY, TEXT = flow("dev", "etl", "load")


def planned() -> Planned:
    """A flow that was edited on a server whose lock is held, with a refusal."""
    edited = TEXT.replace("load", "LOAD")
    asked = request({KEY: TEXT}, {KEY: edited}, {KEY: TEXT})
    live = replace(asked.live, lock=LOCK)
    git = GitStamp("c0ffee" * 6 + "c0ff", "main", True)
    refusal = Diagnostic("P110", "error", "refused", "", "do this")
    plan = replace(build_plan(asked), refusals=(refusal,))
    nobody: Any = None
    return Planned(plan, replace(asked.project, git=git), live, nobody)


def test_programs_find_each_fact_in_a_member_of_its_own() -> None:
    found = planned()
    drift = DriftReport("dev", SERVER, NOW, tuple(DriftedObject(one, None, None) for one in found.plan.drift))
    unproven = [
        Unproven("prod", FlowKey("dev", "etl"), ("it ran green 0 of 1 times", "it is not committed")),
        Unproven("prod-eu", None, ("no answer",)),
    ]
    words = standing(found, drift, unproven, NOW)
    assert words["unproven"] == [
        "for prod: dev/etl: it ran green 0 of 1 times",
        "for prod-eu: not checkable: no answer",
    ]
    assert words["lock"] == "held by ann@desk since 2026-03-01T12:00:00+00:00 (id 7f3a)"
    assert_golden("status.json", standing_json(words, facts(found, drift, unproven, NOW)) + "\n")


def test_what_an_apply_left_on_or_off_that_was_cut_short_is_named() -> None:
    found, none = planned(), DriftReport("dev", SERVER, NOW, ())
    load, split = FlowKey("dev", "load"), FlowKey("dev", "split")
    stopped = (Stopped(split, 1, "a", "b"), Stopped(split, 1, "a", "c"))
    lock = replace(LOCK, paused=((load, "daily"),), stopped=stopped, stay_off=((load, "hourly"),))
    held = replace(found, live=replace(found.live, lock=lock))
    assert standing(held, none, (), NOW)["unfinished"] == []
    assert standing(held, none, (), lock.expires_at)["unfinished"] == [
        "trigger daily of dev/load was switched off for a while",
        "flow dev/split was kept from starting for a while",
        "trigger hourly of dev/load was disabled, and may be on",
    ]


@pytest.mark.parametrize(
    ("lock", "state"),
    [
        (None, "free"),
        (replace(LOCK, released=True), "free"),
        (LOCK, "held"),
        (replace(LOCK, expires_at=NOW - timedelta(seconds=1)), "expired"),
    ],
)
def test_the_state_of_a_lock_is_one_word(lock: Lock | None, state: str) -> None:
    assert lock_state(lock, NOW) == state


@pytest.mark.parametrize(
    ("count", "verbose", "lines"), [(10, False, 10), (11, False, 11), (300, False, 11), (300, True, 300)]
)
def test_a_long_list_is_folded_unless_all_is_asked_for(count: int, verbose: bool, lines: int) -> None:
    out = io.StringIO()
    found = {"lock": "free", "unproven": [f"for prod: dev/f{number}: why" for number in range(count)]}
    show_standing(Console(out, io.StringIO(), {}, verbose=verbose), found)
    first, *rest = out.getvalue().splitlines()
    assert first == "lock:        free" and len(rest) == lines
    folded = f"unproven:    and {count - 10} more (--verbose shows all)"
    assert (rest[-1] == folded) == (count > 10 and not verbose)


def test_the_last_apply_is_told_also_when_it_only_deleted() -> None:
    found = planned()
    ledger = found.live.ledger
    assert ledger is not None
    later = NOW + timedelta(hours=3)
    deleting = replace(ledger, entries={}, applied_at=later, applied_by="eve@night")
    found = replace(found, live=replace(found.live, ledger=deleting))
    none = DriftReport("dev", SERVER, NOW, ())
    assert standing(found, none, [], NOW)["applied"] == "2026-03-01T15:00:00+00:00 by eve@night"
    last: Any = facts(found, none, [], NOW)["lastApply"]
    assert (last["at"], last["by"]) == (later.isoformat(), "eve@night")
