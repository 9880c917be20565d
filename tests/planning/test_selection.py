"""Which objects a run is about, and which places do not count."""

from __future__ import annotations

import pytest

from flowctl.model.keys import FileKey, FlowKey, KvKey, ObjectKey
from flowctl.planning.differences.ignoring import equal_apart_from, ignored, patterns_for
from flowctl.planning.guarding.policy import most_deletes
from flowctl.planning.selection import Selection, matches

FLOW, FILE, VALUE = FlowKey("dev.team", "etl"), FileKey("dev", "/sql/a.sql"), KvKey("dev", "LIMIT")


@pytest.mark.parametrize(
    ("key", "pattern", "expected"),
    [
        (FLOW, "dev.team/etl", True),
        (FLOW, "dev.*/e*", True),
        (FLOW, "flow dev.team/etl", True),
        (FLOW, "dev", True),
        (FLOW, "de", False),
        (FLOW, "dev/etl", False),
        (FLOW, "dev.team/ETL", False),
        (FILE, "dev:/sql/*", True),
        (FILE, "file *", True),
        (FILE, "flow *", False),
        (VALUE, "kv dev:LIMIT", True),
    ],
)
def test_patterns(key: ObjectKey, pattern: str, expected: bool) -> None:
    assert matches(key, [pattern]) is expected


@pytest.mark.parametrize(
    ("key", "path", "changed", "expected"),
    [
        (FLOW, "flows/dev/team/etl.yaml", "flows/dev/team/etl.yaml", True),
        (FLOW, "flows/dev/team/etl.yaml", "flows/dev/team/other.yaml", False),
        (FLOW, "/repository/flows/dev/team/etl.yaml", "flows/dev/team/etl.yaml", True),
        (FLOW, None, "flows/dev/team/etl.yml", True),
        (FLOW, None, "flows/dev/team/load.yml", False),
        (FILE, None, "flows/dev/_files/sql/a.sql", True),
        (FILE, None, "flows/dev/_files/sql/b.sql", False),
        (VALUE, None, "flows/dev/_kv.yaml", True),
        (VALUE, None, "README.md", False),
    ],
)
def test_changed_paths(key: ObjectKey, path: str | None, changed: str, expected: bool) -> None:
    assert Selection(paths=frozenset({changed})).includes(key, path) is expected


def test_a_deleted_flow_is_selected_by_the_id_that_its_file_had() -> None:
    changed = Selection(paths=frozenset({"flows/dev/team/nightly load.yaml"}), ids=frozenset({"etl"}))
    assert changed.includes(FLOW, None)
    assert not changed.includes(FLOW, "flows/dev/team/etl.yaml")


def test_what_is_excluded_stays_out_whatever_selects_it() -> None:
    assert not Selection(select=("dev",), exclude=("dev.team",)).includes(FLOW, None)
    assert Selection().everything
    assert not Selection(paths=frozenset()).everything


@pytest.mark.parametrize(
    ("pattern", "place", "expected"),
    [
        ("triggers[*].disabled", "triggers[daily].disabled", True),
        ("triggers[*].disabled", "triggers[daily].cron", False),
        ("labels.*", "labels.team", True),
        ("labels.*", "labels", False),
        ("tasks[load].**", "tasks[load].a[0].b", True),
        ("tasks[*]", "tasks[a].b", False),
        ("dev.team/etl:labels.*", "labels.team", True),
        ("dev.team/other:labels.*", "labels.team", False),
        ("dev*:labels.*", "labels.team", True),
    ],
)
def test_ignored_places(pattern: str, place: str, expected: bool) -> None:
    assert ignored(place, patterns_for(FLOW, [pattern])) is expected


def test_documents_are_compared_without_ignored_places() -> None:
    before = {"triggers": [{"id": "d", "disabled": True, "cron": "x"}], "labels": {"a": 1}}
    after = {"triggers": [{"id": "d", "cron": "x"}], "labels": {"a": 2}}
    patterns = patterns_for(FLOW, ["triggers[*].disabled", "labels.a"])
    assert equal_apart_from(before, after, patterns)
    assert not equal_apart_from(before, after, patterns[:1])
    assert not equal_apart_from(before, before, ())


@pytest.mark.parametrize(("pattern", "same"), [("commands[1]", True), ("commands[0]", False), ("commands[*]", True)])
def test_items_without_an_id_are_ignored_by_their_index(pattern: str, same: bool) -> None:
    before, after = {"commands": ["a", "b", {"id": 3}]}, {"commands": ["a", "c", {"id": 3}]}
    assert equal_apart_from(before, after, patterns_for(FLOW, [pattern])) is same


@pytest.mark.parametrize(
    ("limit", "owned", "most"),
    [("30%", 9, None), ("30%", 10, 3), ("0%", 10, 0), ("100%", 11, 11), (4, 2, 4), ("0", 5, 0)],
)
def test_limits_on_deletes(limit: int | str, owned: int, most: int | None) -> None:
    assert most_deletes(limit, owned) == most
