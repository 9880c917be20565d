"""What a real server printed for some eleven hundred templates, and what we print."""

from __future__ import annotations

import sys
from collections import defaultdict
from functools import lru_cache

import pytest

from tests.language.expressions.replay import DATA, Case, cases

CHOSEN = {
    ("filter-json-2.yaml", "fromjson-contains"): "numbers are compared by value",
    ("membership-1.yaml", "list-var-int"): "numbers are compared by value",
    ("filter-list-1.yaml", "reverse-not-mutating"): "a filter does not change its input",
    ("filter-list-1.yaml", "sort-not-mutating"): "a filter does not change its input",
    ("filter-list-2.yaml", "merge-var"): "maps keep the order of the source",
    ("printing-1.yaml", "map-order"): "maps keep the order of the source",
    ("printing-1.yaml", "map-order2"): "maps keep the order of the source",
    ("runtime-vars.yaml", "vars"): "maps keep the order of the source",
    ("runtime-vars.yaml", "vars-keys"): "maps keep the order of the source",
    ("runtime-vars.yaml", "labels"): "maps keep the order of the source; the id is the execution's",
    ("runtime-vars.yaml", "envs"): "the class name of a map of the context",
}
"""Tasks that differ on purpose, each with its reason."""


@lru_cache
def played() -> dict[str, list[Case]]:
    found: dict[str, list[Case]] = defaultdict(list)
    for case in cases():
        found[case.flow].append(case)
    return found


@pytest.fixture(autouse=True)
def no_calendar(monkeypatch: pytest.MonkeyPatch) -> None:
    """The server that was recorded had no calendar of holidays."""
    monkeypatch.setitem(sys.modules, "holidays", None)


@pytest.mark.parametrize("flow", sorted(path.name for path in (DATA / "flows").glob("*.yaml")))
def test_templates_print_what_the_server_printed(flow: str) -> None:
    different = {
        case.task: (case.template, case.value or case.error, case.ours or str(case.ours_error))
        for case in played()[flow]
        if not case.agrees and (flow, case.task) not in CHOSEN
    }
    assert different == {}


def test_every_chosen_difference_is_one() -> None:
    different = {(case.flow, case.task) for found in played().values() for case in found if not case.agrees}
    assert different == set(CHOSEN)


def test_an_undefined_name_has_the_text_of_the_server() -> None:
    for found in played().values():
        for case in found:
            if case.error.startswith("Unable to find"):
                assert str(case.ours_error) == case.error, (case.flow, case.task)
