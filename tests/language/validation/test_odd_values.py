"""Values of the wrong kind or out of range: accepted and refused as real servers of both generations do."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from flowctl.flowtext.document import parse
from flowctl.language.validation.check import check_flow
from flowctl.model.environment import Dialect

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
