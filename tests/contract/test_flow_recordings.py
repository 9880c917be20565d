"""Flows that a real server ran: the bundled one does the same, but for differences that are chosen.

Each difference stands in docs/compatibility.md with its reason.
"""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from flowctl.model.environment import Dialect
from tests.contract.flow_recordings import differing, play_area

AREAS: dict[str, tuple[Dialect, set[str]]] = {
    "flow": ("2.0", set()),
    "flowables": ("2.0", {"loop_context.yaml"}),
    "failures": ("2.0", set()),
    "tasks": (
        "2.0",
        {
            "labels-int-value.yaml",
            "storage-purge-current.yaml",
            "storage-reverse-dedup.yaml",
            "variables-raw.yaml",
        },
    ),
    "scripts": ("2.0", set()),
    "inputs": ("2.0", set()),
    "triggers": ("2.0", set()),
    "invalid": ("2.0", set()),
    "expressions": (
        "2.0",
        {
            "filter-json-2.yaml",
            "filter-list-1.yaml",
            "filter-list-2.yaml",
            "functions-misc-3.yaml",
            "membership-1.yaml",
            "printing-1.yaml",
            "runtime-vars.yaml",
        },
    ),
    "legacy": (
        "1.3",
        {
            "alias_state.yaml",
            "fe_helper_deep.yaml",
        },
    ),
    "articles": ("1.3", set()),
}


@pytest.mark.parametrize("area", AREAS)
def test_flows_do_what_was_recorded(area: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "holidays", None)  # the servers that were recorded had no calendar of holidays
    dialect, chosen = AREAS[area]
    assert set(differing(area, play_area(tmp_path, area, dialect))) == chosen
