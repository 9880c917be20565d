"""How a plan is shown where the lists of its text are long."""

from __future__ import annotations

import io
from dataclasses import replace

import pytest

from flowctl.cli.console import Console
from flowctl.cli.plans.showing import PlanStyle, show_plan
from flowctl.model.keys import FlowKey
from tests.views.plans import empty_plan, full_plan


@pytest.mark.parametrize(("verbose", "shown"), [(False, 10), (True, 300)], ids=["folded", "whole"])
def test_verbose_shows_all_that_drifted(verbose: bool, shown: int) -> None:
    drift = full_plan().drift[0]
    plan = replace(empty_plan(), drift=tuple(replace(drift, key=FlowKey("dev", f"f{at}")) for at in range(300)))
    out = io.StringIO()
    show_plan(Console(out, io.StringIO(), {}, verbose=verbose), plan, PlanStyle())
    assert out.getvalue().count("has changed") == shown
