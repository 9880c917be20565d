"""H16 and H17 by policy, H30, H32, H37, H39 to H42."""

from __future__ import annotations

from dataclasses import replace

import pytest

from flowctl.planning.build import build_plan
from tests.planning.hazards.worlds import FREE, key, made, one, refused, said, text
from tests.planning.sample import SERVER, environment, ledger, live, request

WHOLE = "  - id: sync\n    type: io.kestra.plugin.git.SyncFlows\n"
SYNC = "  - id: sync\n    type: io.kestra.plugin.git.SyncFlows\n    targetNamespace: {space}\n"


def test_h16_and_h17_follow_the_policy() -> None:
    old, new = {key("old"): text("old")}, {key("new"): text("new")}
    assert one(made(new, old), "H16").severity == "warning"
    assert said(made(new, old, levels={"H16": "off"}), "H16") == []
    assert "H16" in refused(made(new, old, levels={"H16": "block"}))
    again = made(new, {}, deleted={key("new"): 7}, levels={"H17": "warn"})
    assert one(again, "H17").severity == "warning"


def test_h32_warns_of_a_revision_in_the_text() -> None:
    assert one(made({key("a"): text("a", "revision: 3\n")}), "H32").line == 3


def test_h37_informs_of_system_labels() -> None:
    found = one(made({key("a"): text("a", "labels:\n  system.readOnly: 'true'\n")}), "H37")
    assert found.severity == "info" and found.line == 4


def test_h39_is_not_checkable() -> None:
    task = "  - id: say\n    type: io.kestra.plugin.core.log.Log\n    message: x\n    workerGroup:\n      key: gpu\n"
    found = one(made({key("a"): text("a", tasks=task)}), "H39")
    assert found.severity == "info" and found.summary == "not checkable: whether the server has the worker group gpu"


def test_h30_and_h40_are_not_checkable_where_they_can_occur() -> None:
    before, after = {key("a"): text("a")}, {key("a"): text("a", "description: x\n")}
    env = replace(environment(), server="https://kestra.example")
    state = replace(live(before, ledger=ledger(before)), server=replace(SERVER, edition="EE"))
    plan = build_plan(request(after, before, env=env, options=FREE, state=state))
    assert {note.code for note in plan.changes[0].notes} == {"H30", "H40"}
    assert all("not checkable" in note.summary for note in plan.changes[0].notes)
    assert said(made(after, before), "H30") == said(made(after, before), "H40") == []


def test_h41_blocks_the_deletion_of_the_flow_that_deploys() -> None:
    assert "H41" in refused(made({}, {key("a"): text("a", tasks=SYNC.format(space="dev"))}))


def test_h42_warns_of_a_second_owner_in_the_plan() -> None:
    assert one(made({key("a"): text("a", tasks=SYNC.format(space="dev"))}), "H42").severity == "warning"
    assert said(made({key("a"): text("a", tasks=SYNC.format(space="other"))}), "H42") == []
    assert "the whole tenant" in one(made({key("a"): text("a", tasks=WHOLE)}), "H42").summary


@pytest.mark.parametrize(("tasks", "found"), [(SYNC.format(space="dev"), 1), (WHOLE, 1), (SYNC.format(space="x"), 0)])
def test_h42_warns_of_a_second_owner_on_the_server(tasks: str, found: int) -> None:
    foreign = {key("sync"): text("sync", tasks=tasks)}
    plan = build_plan(request({key("a"): text("a")}, foreign, {}, options=FREE))
    assert [one.subject for one in said(plan, "H42")] == ["flow dev/sync"] * found
