"""In which order a plan is carried out."""

from __future__ import annotations

import sys

from flowctl.model.keys import FileKey, FlowKey, KvKey, ObjectKey
from flowctl.model.plan import Plan
from flowctl.planning.build import build_plan
from flowctl.planning.ordering.graph import components, levels
from flowctl.planning.request import PlanOptions
from tests.planning.sample import Content, flow, plan, request

Objects = dict[ObjectKey, Content]
FREE = PlanOptions(allow_empty=True, max_deletes=1000)


def level(made: Plan) -> dict[str, int]:
    return {str(change.key): change.level for change in made.changes}


def test_children_come_before_callers_at_any_depth() -> None:
    nested = """
triggers:
  - id: after
    type: io.kestra.plugin.core.trigger.Flow
    preconditions:
      id: done
      flows:
        - namespace: dev
          flowId: b
"""
    c, c_text = flow("dev", "c", "x", extra=nested.strip())
    b, b_text = flow("dev", "b", ">dev/a")
    a, a_text = flow("dev", "a")
    made = plan({c: c_text, b: b_text, a: a_text}, {})
    assert level(made) == {"dev/a": 0, "dev/b": 1, "dev/c": 2}
    assert [change.depends_on for change in made.changes] == [(), (a,), (b,)]


def test_files_and_values_come_before_the_flows_of_their_namespace_and_below() -> None:
    inner, inner_text = flow("dev.team", "x")
    other, other_text = flow("dev2", "y")
    file, value = FileKey("dev", "/a.sql"), KvKey("dev.team", "K")
    made = plan({inner: inner_text, other: other_text, file: b"1", value: ("STRING", "v")}, {})
    assert level(made) == {"dev:/a.sql": 0, "dev.team:K": 0, "dev.team/x": 1, "dev2/y": 0}
    assert next(change.depends_on for change in made.changes if change.key == inner) == (value, file)


def test_deletes_come_last_callers_first() -> None:
    b, b_text = flow("dev", "b", ">dev/a")
    a, a_text = flow("dev", "a")
    new, new_text = flow("dev", "new", "something else altogether", "and more")
    file = FileKey("dev", "/a.sql")
    old: Objects = {a: a_text, b: b_text, file: b"x"}
    made = plan({new: new_text}, old, old, options=FREE)
    assert level(made) == {"dev/new": 0, "dev/b": 1, "dev/a": 2, "dev:/a.sql": 3}
    assert {change.key: change.depends_on for change in made.changes}[a] == (b,)


def test_a_delete_waits_for_the_update_that_drops_the_call() -> None:
    a, a_text = flow("dev", "a")
    b, b_text = flow("dev", "b", ">dev/a")
    made = plan({b: flow("dev", "b", "no call")[1]}, {a: a_text, b: b_text}, {a: a_text, b: b_text})
    update, delete = made.changes
    assert (update.key, delete.key, delete.depends_on) == (b, a, (b,))
    assert made.refusals == ()


def test_flows_in_a_circle_share_a_level_and_it_is_said() -> None:
    a, a_text = flow("dev", "a", ">dev/b")
    b, b_text = flow("dev", "b", ">dev/a")
    c, c_text = flow("dev", "c", ">dev/a")
    made = plan({a: a_text, b: b_text, c: c_text}, {})
    assert level(made) == {"dev/a": 0, "dev/b": 0, "dev/c": 1}
    assert [change.depends_on for change in made.changes] == [(), (), (a,)]
    assert [(warning.code, warning.detail) for warning in made.warnings] == [("P117", "dev/a -> dev/b -> dev/a")]


def test_a_flow_that_calls_itself_is_no_circle() -> None:
    a, a_text = flow("dev", "a", ">dev/a")
    made = plan({a: a_text}, {})
    assert (level(made), made.warnings) == ({"dev/a": 0}, ())
    assert made.changes[0].depends_on == ()
    going = plan({}, {a: a_text}, {a: a_text}, options=FREE)
    assert (going.changes[0].depends_on, going.refusals, going.warnings) == ((), (), ())


def test_a_long_chain_of_calls_needs_no_recursion() -> None:
    length = sys.getrecursionlimit() + 100
    chain: Objects = dict(flow("dev", f"f{number:04}", f">dev/f{number + 1:04}") for number in range(length))
    made = plan(chain, {})
    assert made.changes[0].key == FlowKey("dev", f"f{length - 1:04}")
    assert made.changes[-1].level == length - 1


def test_components_are_given_needed_first() -> None:
    needs = {"a": ["b"], "b": ["c", "d"], "c": ["b"], "d": list[str]()}
    parts = components("abcd", needs)
    assert [sorted(part) for part in parts] == [["d"], ["b", "c"], ["a"]]
    assert levels(parts, needs, start=5) == {"d": 5, "b": 6, "c": 6, "a": 7}


def test_a_plan_of_two_and_a_half_thousand_pairs_of_moves_is_quick_enough() -> None:
    old: Objects = dict(flow("dev", f"old{number}", *map(str, range(number, number + 9))) for number in range(50))
    new: Objects = dict(flow("dev", f"new{number}", *map(str, range(number, number + 9))) for number in range(50))
    made = build_plan(request(new, old, old, options=FREE))
    assert sum(change.moved_from is not None for change in made.changes) == 50


def test_flows_that_go_know_which_of_them_call_them() -> None:
    (a, a_text), (b, b_text), (c, c_text) = (
        flow("dev", *pair) for pair in (("a", ">dev/b"), ("b", ">dev/a"), ("c", ">dev/a"))
    )
    old: Objects = {a: a_text, b: b_text, c: c_text}
    made = plan({}, old, old, options=FREE)
    assert {change.key: change.called_by for change in made.changes} == {a: (b, c), b: (a,), c: ()}
    assert level(made) == {"dev/a": 1, "dev/b": 1, "dev/c": 0}, "nothing is written before them"


def test_a_disabled_task_calls_nothing_and_a_flow_that_stays_is_no_caller_that_goes() -> None:
    (a, a_text), (b, b_text), (c, c_text) = (
        flow("dev", *pair) for pair in (("a", "x"), ("b", ">dev/a"), ("c", ">dev/a"))
    )
    asleep = b_text.replace("type:", "disabled: true\n    type:")
    made = plan({c: c_text}, {a: a_text, b: asleep, c: c_text}, {a: a_text, b: asleep, c: c_text}, options=FREE)
    assert {change.key: change.called_by for change in made.changes} == {a: (), b: ()}
