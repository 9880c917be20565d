"""What the one question says."""

from __future__ import annotations

from flowctl.cli.plans.applying import asked
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
