"""What the one question says."""

from __future__ import annotations

import io

import pytest

from flowctl.cli.console import Console
from flowctl.cli.plans.applying import asked
from flowctl.cli.terminal.prompt import confirm
from tests.planning.sample import flow, plan


def test_the_question_names_what_would_be_deleted() -> None:
    gone = dict(flow("dev", f"f{number}") for number in range(7))
    kept, text = flow("dev", "kept", "other")
    question = asked(plan({kept: text}, {kept: text} | gone, {kept: text} | gone))
    assert question.startswith("apply this to dev, which deletes 7 objects (flow dev/f0, flow dev/f1, ")
    assert question.endswith(", flow dev/f4, ...)")


def test_the_question_of_a_plan_without_deletes_is_short() -> None:
    kept, text = flow("dev", "kept")
    assert asked(plan({kept: text}, {}, {})) == "apply this to dev"


@pytest.mark.parametrize(
    ("typed", "yes", "ends"), [("", False, "Enter a value: \n"), ("yes\n", True, "Enter a value: ")]
)
def test_the_next_line_begins_at_the_left_also_when_nothing_is_typed(
    typed: str, yes: bool, ends: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    err = io.StringIO()
    monkeypatch.setattr("sys.stdin", io.StringIO(typed))
    monkeypatch.setattr(Console, "interactive", True)
    assert confirm(Console(io.StringIO(), err, {}), "apply this to dev") is yes
    assert err.getvalue().endswith(ends)
