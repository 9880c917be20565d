"""H10, H12, H33 and H44."""

from __future__ import annotations

from dataclasses import replace

from flowctl.model.ledger import Lock
from flowctl.model.live import LiveTrigger
from tests.planning.hazards.worlds import key, made, one, said, schedule, text
from tests.planning.sample import NOW

NAKED = "triggers:\n  - id: any\n    type: io.kestra.plugin.core.trigger.Flow\n"


def state(name: str = "daily", **facts: bool) -> tuple[LiveTrigger, ...]:
    return (LiveTrigger(key("a"), name, **({"disabled": False} | facts)),)


def test_h33_warns_of_a_flow_trigger_without_conditions() -> None:
    found = one(made({key("a"): text("a", NAKED)}), "H33")
    assert found.severity == "warning" and found.line == 4


def test_h33_is_silent_when_the_trigger_was_there_or_has_conditions() -> None:
    before = {key("a"): text("a", NAKED)}
    assert said(made({key("a"): text("a", NAKED + "\n", tasks="")}, before), "H33") == []
    assert said(made({key("a"): text("a", NAKED + '    when: "{{ true }}"\n')}), "H33") == []


def test_h10_says_that_state_goes_with_the_id() -> None:
    before = {key("a"): text("a", schedule("0 5 * * *", "old"))}
    plan = made({key("a"): text("a", schedule("0 5 * * *", "new"))}, before, triggers=state("old", running=True))
    found = one(plan, "H10")
    assert found.summary.startswith("trigger old is now new") and found.detail == "an evaluation is running"


def test_h12_says_what_stays_off() -> None:
    before = {key("a"): text("a", schedule("0 5 * * *"))}
    plan = made({key("a"): text("a", schedule("0 6 * * *"))}, before, triggers=state(disabled=True))
    assert one(plan, "H12").summary == "trigger daily is disabled on the server, and stays disabled"
    assert said(plan, "H8") == []


def test_h12_is_silent_when_the_text_itself_disables() -> None:
    off = "    disabled: true\n"
    before = {key("a"): text("a", schedule("0 5 * * *", more=off))}
    plan = made({key("a"): text("a", schedule("0 6 * * *", more=off))}, before, triggers=state(disabled=True))
    assert said(plan, "H12") == []


def test_h44_warns_when_a_trigger_with_a_backfill_changes() -> None:
    before = {key("a"): text("a", schedule("0 5 * * *"))}
    plan = made({key("a"): text("a", schedule("0 6 * * *"))}, before, triggers=state(backfill=True))
    assert one(plan, "H44").severity == "warning"
    same = made(
        {key("a"): text("a", "description: x\n" + schedule("0 5 * * *"))}, before, triggers=state(backfill=True)
    )
    assert said(same, "H44") == []


def test_h12_is_silent_when_the_text_disables_the_trigger_too() -> None:
    before = {key("a"): text("a", schedule("0 6 * * *"))}
    after = {key("a"): text("a", schedule("0 6 * * *", more="    disabled: true\n"))}
    off = (LiveTrigger(key("a"), "daily", True),)
    assert said(made(after, before, triggers=off), "H12") == []


def test_h12_is_silent_about_what_a_drain_that_was_cut_short_switched_off() -> None:
    before = {key("a"): text("a", schedule("0 6 * * *"))}
    off = (LiveTrigger(key("a"), "daily", True),)
    lock = Lock("l", "ann", "desk", NOW, NOW, "p", paused=((key("a"), "daily"),))
    assert said(made({}, before, triggers=off, lock=lock), "H12") == []
    assert len(said(made({}, before, triggers=off, lock=replace(lock, released=True)), "H12")) == 1
