"""H14 and H15."""

from __future__ import annotations

from flowctl.views.plans.json import plan_json
from flowctl.views.plans.text import plan_text
from tests.planning.hazards.worlds import key, made, one, refused, said, text

HOOK = "triggers:\n  - id: hook\n    type: io.kestra.plugin.core.trigger.Webhook\n    key: {key}\n"
SECRET = "\"{{ secret('HOOK') }}\""


def test_h14_blocks_a_changed_key() -> None:
    before = {key("a"): text("a", HOOK.format(key="hunter-2-hunter-2"))}
    plan = made({key("a"): text("a", HOOK.format(key=SECRET))}, before)
    found = one(plan, "H14")
    assert found.severity == "error" and found.place == "triggers[hook].key" and found.line == 6
    assert said(plan, "H15") == []
    assert "hunter" not in plan_text(plan, diff=True) + plan_json(plan)


def test_h14_blocks_when_the_webhook_or_its_flow_goes() -> None:
    before = {key("a"): text("a", HOOK.format(key=SECRET))}
    assert "H14" in refused(made({key("a"): text("a")}, before))
    assert "H14" in refused(made({}, before))


def test_h14_is_content_with_another_trigger_id_for_the_same_key() -> None:
    before = {key("a"): text("a", HOOK.format(key=SECRET))}
    after = {key("a"): text("a", HOOK.format(key=SECRET).replace("id: hook", "id: door"))}
    assert said(made(after, before), "H14") == []


def test_h14_blocks_when_the_webhook_or_its_flow_is_disabled() -> None:
    hook = HOOK.format(key=SECRET)
    before = {key("a"): text("a", hook)}
    found = one(made({key("a"): text("a", f"{hook}    disabled: true\n")}, before), "H14")
    assert (found.summary, found.line) == ("webhook hook is disabled, and its address answers no more", 7)
    found = one(made({key("a"): text("a", f"{hook}disabled: true\n")}, before), "H14")
    assert found.summary == "the flow is disabled, and webhook hook refuses whoever calls it"
    off = {key("a"): text("a", f"{hook}    disabled: true\n")}
    assert said(made({key("a"): text("a", f"{hook}    disabled: true\ndisabled: true\n")}, off), "H14") == []


def test_h14_says_nothing_of_a_webhook_that_stays_as_it_is() -> None:
    flow = text("a", HOOK.format(key=SECRET))
    assert said(made({key("a"): f"{flow}description: other\n"}, {key("a"): flow}), "H14") == []


def test_h14_can_be_lowered() -> None:
    before = {key("a"): text("a", HOOK.format(key=SECRET))}
    plan = made({key("a"): text("a")}, before, levels={"H14": "warn"})
    assert not plan.refusals and one(plan, "H14").severity == "warning"


def test_h15_warns_of_a_key_in_clear_text_once() -> None:
    clear = {key("a"): text("a", HOOK.format(key="hunter-2-hunter-2"))}
    found = one(made(clear), "H15")
    assert found.severity == "warning" and "hunter" not in found.summary + found.detail
    later = {key("a"): text("a", "description: x\n" + HOOK.format(key="hunter-2-hunter-2"))}
    assert said(made(later, clear), "H15") == []
