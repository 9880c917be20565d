"""Plugin defaults, as recorded from a real server."""

from __future__ import annotations

from typing import Any

import pytest

from flowctl.flowtext.document import parse
from flowctl.language.defaults import Default, apply_defaults, merge
from tests.language.recorded import load

RETURN = "io.kestra.plugin.core.debug.Return"


def filled(name: str) -> list[dict[str, Any]]:
    """The tasks of a recorded flow with its defaults."""
    flow = parse(load("verdicts-1.3.json")["legacy"][name]["source"]).value
    assert isinstance(flow, dict)
    tasks = apply_defaults(flow, dialect="1.3")["tasks"]
    assert isinstance(tasks, list)
    return tasks


@pytest.mark.parametrize(
    ("name", "values"),
    [
        ("pd_alias", ["by old name"]),
        ("pd_forced", ["forced", "forced"]),
        ("pd_forced_and_plain", ["forced"]),
        ("pd_prefix_and_exact", ["prefix"]),
        ("pd_prefix_partial_name", ["partial"]),
        ("pd_two_plain", ["first"]),
        ("pd_wrong_type", ["fine"]),
    ],
)
def test_the_format_a_server_ran_with(name: str, values: list[str]) -> None:
    assert [task["format"] for task in filled(name)] == values


def test_lists_are_joined() -> None:
    assert filled("pd_lists")[0]["values"] == {"list": ["d1", "d2", "t1"]}
    assert filled("pd_lists_forced")[0]["values"] == {"list": ["t1", "d1", "d2"]}


def test_task_runner_and_environment() -> None:
    [task] = filled("pd_task_runner")
    assert task["taskRunner"] == {"type": "io.kestra.plugin.core.runner.Process"}
    assert task["env"] == {"WORD": "own", "MORE": "more"}


def test_flowables_and_their_children() -> None:
    [each] = filled("pd_flowable")
    assert each["values"] == ["d1", "d2"] and each["concurrencyLimit"] == 2


def test_triggers() -> None:
    flow = parse(load("verdicts-1.3.json")["legacy"]["pd_trigger"]["source"]).value
    assert isinstance(flow, dict)
    [trigger] = apply_defaults(flow)["triggers"]  # type: ignore[misc]  # a list here
    assert trigger["cron"] == "0 4 1 1 *" and trigger["disabled"] is True


def test_server_defaults_give_way_to_the_flows_and_forced_ones_override() -> None:
    flow: dict[str, object] = {
        "tasks": [{"id": "a", "type": RETURN}],
        "pluginDefaults": [{"type": RETURN, "values": {"format": "flow", "logLevel": "INFO"}}],
    }
    server = [Default(RETURN, {"format": "server", "timeout": "PT1M"}), Default(RETURN, {"logLevel": "ERROR"}, True)]
    assert apply_defaults(flow, server)["tasks"] == [
        {"id": "a", "type": RETURN, "format": "flow", "logLevel": "ERROR", "timeout": "PT1M"}
    ]


def test_free_data_with_a_type_is_left_alone() -> None:
    flow: dict[str, object] = {
        "variables": {"x": {"type": RETURN}},
        "inputs": [{"id": "i", "type": RETURN}],
        "tasks": [],
        "pluginDefaults": [{"type": RETURN, "values": {"format": "x"}}],
    }
    assert apply_defaults(flow) == flow


def test_the_flow_that_comes_in_is_not_changed() -> None:
    task = {"id": "a", "type": RETURN, "values": {"k": [1]}}
    flow: dict[str, object] = {
        "tasks": [task],
        "pluginDefaults": [{"type": RETURN, "forced": True, "values": {"values": {"k": [2]}}}],
    }
    apply_defaults(flow)
    assert task == {"id": "a", "type": RETURN, "values": {"k": [1]}}


def test_merging() -> None:
    assert merge({"a": {"b": 1}, "l": [1]}, {"a": {"b": 2, "c": 3}, "l": [0]}) == {"a": {"b": 1, "c": 3}, "l": [0, 1]}
