from __future__ import annotations

from dataclasses import replace

import pytest

from flowctl.ci.notes import same_changes
from flowctl.model.diagnostic import Diagnostic
from flowctl.model.keys import FlowKey
from flowctl.model.plan import Action, Change, Content, Plan
from tests.planning.sample import NOW, SERVER

A, B = FlowKey("dev", "a"), FlowKey("dev", "b")


def change(key: FlowKey, before: str | None, after: str | None) -> Change:
    action = Action.CREATE if before is None else Action.DELETE if after is None else Action.UPDATE
    return Change(action, key, Content(before) if before else None, Content(after) if after else None, "because", 0)


def plan(*changes: Change, **more: object) -> Plan:
    made = Plan("id", "dev", "dev", SERVER, NOW, "0.1.0", changes)
    return replace(made, **more)  # type: ignore[arg-type]


REVIEWED = plan(change(A, "1", "2"), change(B, None, "3"))


def test_identity_serial_and_order_do_not_matter() -> None:
    found = plan(change(B, None, "3"), change(A, "1", "2"), id="other", serial=9)
    assert same_changes(REVIEWED, found) == []


@pytest.mark.parametrize(
    ("found", "said"),
    [
        (plan(change(A, "1", "2")), "flow dev/b was reviewed and would not be touched any more"),
        (plan(*REVIEWED.changes, change(FlowKey("dev", "c"), "1", None)), "flow dev/c was not reviewed"),
        (plan(change(A, "0", "2"), change(B, None, "3")), "flow dev/a would begin or end otherwise than reviewed"),
        (plan(change(A, "1", "2"), change(B, None, "4")), "flow dev/b would begin or end otherwise than reviewed"),
        (plan(*REVIEWED.changes, environment="prod"), "the plans are for different environments or servers"),
        (
            plan(*REVIEWED.changes, refusals=(Diagnostic("P101", "error", "too many deletes"),)),
            "the new plan is refused: too many deletes [P101]",
        ),
    ],
)
def test_what_would_be_done_otherwise_is_said(found: Plan, said: str) -> None:
    assert same_changes(REVIEWED, found) == [said]
