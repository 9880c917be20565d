"""The record in Git, and pins moved in an environment file."""

from __future__ import annotations

import json
from datetime import UTC, datetime

from flowctl.model.keys import FlowKey
from flowctl.model.promotion import PromotedFlow, Promotion
from flowctl.promoting.pinning import move_pins
from flowctl.promoting.record import recorded

FLOW = PromotedFlow(FlowKey("s", "a"), FlowKey("p", "a"), "new", "flows/p/a.yaml", "x", "x", "d1", "x")
PROMOTION = Promotion("staging", "production", datetime(2026, 1, 2, tzinfo=UTC), (FLOW,), commit="c1")


def test_the_record_keeps_the_other_flows_and_is_sorted() -> None:
    before = json.dumps({"format": "1.0", "flows": {"p/z": {"digest": "old"}, "p/a": {"digest": "old"}}})
    found = json.loads(recorded(PROMOTION, before))
    assert list(found["flows"]) == ["p/a", "p/z"]
    assert found["flows"]["p/a"]["digest"] == "d1"
    assert found["flows"]["p/z"] == {"digest": "old"}


def test_a_record_that_cannot_be_read_is_begun_anew() -> None:
    assert list(json.loads(recorded(PROMOTION, "<<<<<<< HEAD"))["flows"]) == ["p/a"]
    assert recorded(PROMOTION, "[]") == recorded(PROMOTION, None)


def test_a_flow_that_cannot_go_is_not_recorded() -> None:
    from dataclasses import replace

    stopped = replace(PROMOTION, flows=(replace(FLOW, reasons=("no",)),))
    assert json.loads(recorded(stopped, None))["flows"] == {}


def test_a_pin_is_one_value_and_the_rest_keeps_every_byte() -> None:
    text = "server: bundled # x\r\npins: # held\r\n  'p/a': abcdef01 # why\r\n\r\n# end\r\n"
    assert move_pins(text, {"p/a": "12345678"}) == text.replace("abcdef01", "'12345678'")
    added = move_pins(text, {"p/b": "abcdef02"})
    assert added == text.replace("# why\r\n", "# why\r\n  p/b: abcdef02\r\n")


def test_the_first_pin_gets_a_map_of_its_own() -> None:
    assert move_pins("server: bundled", {"p/a": "abcdef01"}) == "server: bundled\npins:\n  p/a: abcdef01\n"
