"""What the promoted flows use and the target lacks, or does not let us see."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from flowctl.model.keys import FileKey, FlowKey, KvKey
from flowctl.model.project import FlowReference
from flowctl.model.promotion import PromotedFlow
from flowctl.promoting.readiness import TargetFacts, needs
from flowctl.promoting.uses import Uses
from tests.planning.sample import Objects, environment, live, project

TARGET = replace(environment(), layers=(Path("/w/flows/dev"),))
SOURCE = replace(environment(), name="stage", namespace="stage", owns=("stage",))
FLOW = PromotedFlow(FlowKey("stage.team", "f"), FlowKey("dev.team", "f"), "new", "f.yaml", "", "", "")


def lacking(
    used: Uses | None = None,
    *,
    calls: tuple[FlowReference, ...] = (),
    files: Objects | None = None,
    source: Objects | None = None,
    **told: Any,
) -> list[tuple[str, str, str]]:
    """Kind, name and state of what a flow lacks whose target has `files` in its files."""
    facts = TargetFacts(project(files or {}, TARGET), live({}), project(source or {}, SOURCE), **told)
    flow = replace(FLOW, references=calls)
    found = needs([flow], [], {flow.target: used or Uses()}, facts)
    return [(need.kind, need.name, need.state) for need in found]


@pytest.mark.parametrize(
    ("refused", "state"), [(None, ["not checkable"]), (frozenset({"x.Y"}), ["missing"]), (frozenset({"x.Z"}), [])]
)
def test_a_type_is_missing_only_where_the_server_refuses_it(refused: frozenset[str] | None, state: list[str]) -> None:
    assert [one for *_, one in lacking(Uses(types=frozenset({"x.Y"})), refused=refused)] == state


@pytest.mark.parametrize(
    ("secrets", "state"),
    [
        (None, ["not checkable"]),
        ({}, ["not checkable"]),
        ({"dev.team": frozenset({"Token"})}, []),
        ({"dev.team": frozenset({"other"})}, ["missing"]),
    ],
)
def test_a_secret_is_found_by_its_name_in_capitals_or_not(secrets: object, state: list[str]) -> None:
    used = Uses(secrets=frozenset({(None, "TOKEN")}))
    assert [one for *_, one in lacking(used, secrets=secrets)] == state


LIMIT = Uses(values=frozenset({(None, "limit")}))
TEXT = ("STRING", "x")


@pytest.mark.parametrize("namespace", ["dev.team", "dev"])
def test_a_value_may_stand_in_a_namespace_above(namespace: str) -> None:
    assert lacking(LIMIT) == [("kv", "dev.team:limit", "missing")]
    assert lacking(LIMIT, files={KvKey(namespace, "limit"): TEXT}) == []


def test_a_value_has_the_type_that_it_has_in_the_source_where_that_has_one() -> None:
    here, there = KvKey("dev.team", "limit"), KvKey("stage.team", "limit")
    assert lacking(LIMIT, files={here: TEXT}, source={there: ("STRING", "y")}) == []
    assert lacking(LIMIT, files={here: TEXT}, source={there: ("NUMBER", 1)}) == [
        ("kv", "dev.team:limit as NUMBER", "missing")
    ]


@pytest.mark.parametrize(("values", "state"), [({}, "not checkable"), ({KvKey("all", "k"): False}, "missing")])
def test_a_value_of_others_is_asked_of_the_server(values: dict[KvKey, bool], state: str) -> None:
    used = Uses(values=frozenset({("all", "k")}))
    assert lacking(used, values=values) == [("kv", "all:k", state)]
    assert lacking(used, values={KvKey("all", "k"): True}) == []


def test_a_file_has_to_be_in_the_namespace_of_the_flow() -> None:
    used = Uses(files=frozenset({"/a.sql"}))
    assert lacking(used) == [("file", "dev.team:/a.sql", "missing")]
    assert lacking(used, files={FileKey("dev.team", "/a.sql"): b"x"}) == []


@pytest.mark.parametrize(
    ("namespace", "flows", "state"),
    [
        ("dev", {}, ["missing"]),
        ("all", {}, ["not checkable"]),
        ("all", {FlowKey("all", "g"): False}, ["missing"]),
        ("all", {FlowKey("all", "g"): True}, []),
        ("dev.team", {}, []),
    ],
)
def test_a_flow_that_is_called_is_there_arrives_or_is_asked_for(
    namespace: str, flows: dict[FlowKey, bool], state: list[str]
) -> None:
    name = "f" if namespace == "dev.team" else "g"
    call = FlowReference("subflow", namespace, name, "tasks[a]")
    assert [one for *_, one in lacking(calls=(call,), flows=flows)] == state


def test_a_name_that_is_computed_cannot_be_checked() -> None:
    call = FlowReference("subflow", "dev", "{{ x }}", "tasks[a]", dynamic=True)
    used = Uses(computed=frozenset({("secret", " {{ y }} ")}))
    assert lacking(used, calls=(call,)) == [
        ("subflow", "dev/{{ x }}", "not checkable"),
        ("secret", "{{ y }}", "not checkable"),
    ]


def test_a_flow_that_does_not_go_needs_nothing() -> None:
    facts = TargetFacts(project({}, TARGET), live({}), project({}, SOURCE))
    stays = replace(FLOW, reasons=("not proven",))
    assert needs([stays], [], {FLOW.target: LIMIT}, facts) == ()
    assert len(needs([replace(stays, allowed="a reason")], [], {FLOW.target: LIMIT}, facts)) == 1
