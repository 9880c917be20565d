"""Values of the wrong kind or out of range: accepted and refused as real servers of both generations do."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from flowctl.flowtext.document import parse
from flowctl.language.validation.check import check_flow
from flowctl.model.environment import Dialect
from tests.language.recorded import check_source

FLOWS = json.loads((Path(__file__).parents[1] / "data" / "odd_values.json").read_text("utf-8"))


@pytest.mark.parametrize("dialect", ["1.3", "2.0"])
def test_verdicts_on_odd_values(dialect: Dialect) -> None:
    wrong = []
    for row in FLOWS:
        flow = parse(row["flow"]).value
        found = check_flow(flow, dialect=dialect, strict_types=True)
        errors = [finding.message for finding in found if finding.severity == "error"]
        if (not errors) != (dialect in row["valid"]):
            wrong.append((row["flow"], errors))
    assert wrong == []
    assert len(FLOWS) > 250


@pytest.mark.parametrize(("wish", "refused"), [("AUTO", False), ("FETCH", False), ("STORE", False), ("NONE", True)])
def test_a_loop_cannot_leave_its_outputs_out(wish: str, refused: bool) -> None:
    task = "{id: t, type: io.kestra.plugin.core.log.Log, message: m}"
    loop = f"{{id: each, type: io.kestra.plugin.core.flow.Loop, values: [7], fetchType: {wish}, tasks: [{task}]}}"
    found = check_source(f"id: f\nnamespace: n.m\ntasks: [{loop}]\n", "2.0")
    assert bool([one for one in found if one.severity == "error"]) == refused
