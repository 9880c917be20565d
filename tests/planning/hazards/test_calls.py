"""H1, H2, H3, H4 and H34."""

from __future__ import annotations

from flowctl.planning.selection import Selection
from tests.planning.hazards.worlds import key, made, one, refused, said, subflow, text
from tests.planning.sample import NOW, live, project

FLOW_TRIGGER = (
    "triggers:\n  - id: after\n    type: io.kestra.plugin.core.trigger.Flow\n    preconditions:\n      id: p\n"
    "      flows:\n        - namespace: dev\n          flowId: {flow}\n"
)
NESTED = (
    "  - id: side\n    type: io.kestra.plugin.core.flow.Parallel\n    tasks:\n"
    "      - id: call\n        type: io.kestra.plugin.core.flow.Subflow\n"
    "        namespace: dev\n        flowId: nobody\n"
)


def test_h1_blocks_a_subflow_that_will_not_exist() -> None:
    plan = made({key("parent"): text("parent", tasks=subflow("nobody"))})
    found = one(plan, "H1")
    assert found.severity == "error" and "dev/nobody" in found.summary
    assert (found.line, found.place) == (4, "tasks[call]")
    assert found.subject == "flow dev/parent"


def test_h1_finds_subflows_at_any_depth() -> None:
    assert one(made({key("parent"): text("parent", tasks=NESTED)}), "H1").line == 7


def test_h1_is_content_with_a_child_in_the_same_plan_or_on_the_server() -> None:
    parent = {key("parent"): text("parent", tasks=subflow("child"))}
    child = {key("child"): text("child")}
    assert said(made({**parent, **child}), "H1") == []
    assert said(made({**parent, **child}, child), "H1") == []


def test_h1_names_flows_of_that_id_elsewhere() -> None:
    other = {key("nobody", "dev.team"): text("nobody", namespace="dev.team")}
    plan = made({key("parent"): text("parent", tasks=subflow("nobody")), **other})
    assert one(plan, "H1").detail == "there is dev.team/nobody"


def test_h1_outside_the_environment_is_not_checkable() -> None:
    found = one(made({key("parent"): text("parent", tasks=subflow("x", "shared"))}), "H1")
    assert found.severity == "info" and found.summary.startswith("not checkable")


def test_h1_follows_the_policy() -> None:
    after = {key("parent"): text("parent", tasks=subflow("nobody"))}
    plan = made(after, levels={"H1": "warn"})
    assert one(plan, "H1").severity == "warning" and not plan.refusals
    assert one(made(after, levels={"H1": "inform"}), "H1").severity == "info"
    assert said(made(after, levels={"H1": "off"}), "H1") == []


def test_h2_says_that_an_expression_is_not_checked() -> None:
    found = one(made({key("parent"): text("parent", tasks=subflow('"{{ inputs.child }}"'))}), "H2")
    assert found.severity == "info" and "not checked" in found.summary


def test_h3_knows_callers_of_the_server_alone() -> None:
    child = {key("child"): text("child")}
    plan = made({}, child, calls=((key("foreign", "other"), "subflow", key("child")),))
    found = one(plan, "H3")
    assert found.severity == "error" and found.detail == "other/foreign"


def test_h4_warns_of_callers_of_a_disabled_flow() -> None:
    before = {key("child"): text("child"), key("parent"): text("parent", tasks=subflow("child"))}
    plan = made({**before, key("child"): text("child", "disabled: true\n")}, before)
    found = one(plan, "H4")
    assert found.severity == "warning" and found.detail == "dev/parent at tasks[call]"


def test_h4_is_silent_about_a_flow_that_was_disabled_already() -> None:
    before = {
        key("child"): text("child", "disabled: true\n"),
        key("parent"): text("parent", tasks=subflow("child")),
    }
    after = {**before, key("child"): text("child", "disabled: true\ndescription: new\n")}
    assert said(made(after, before), "H4") == []


def test_h34_finds_a_circle_of_triggers() -> None:
    after = {
        key("a"): text("a", FLOW_TRIGGER.format(flow="b")),
        key("b"): text("b", FLOW_TRIGGER.format(flow="a")),
    }
    plan = made(after)
    assert "H34" in refused(plan) and said(plan, "H34")[0].detail in ("dev/a -> dev/b -> dev/a",)
    assert said(plan, "H34")[0].place == "triggers[after].preconditions.flows[0]"


def test_h34_finds_a_circle_of_a_trigger_and_a_subflow() -> None:
    after = {
        key("a"): text("a", FLOW_TRIGGER.format(flow="b")),
        key("b"): text("b"),
        key("c"): text("c", FLOW_TRIGGER.format(flow="b")),
    }
    assert said(made(after), "H34") == []
    after[key("c")] = text("c", FLOW_TRIGGER.format(flow="a"), tasks=subflow("b"))
    assert len(said(made(after), "H34")) == 3


def test_selection_leaves_a_child_out_and_the_caller_is_refused() -> None:
    after = {key("parent"): text("parent", tasks=subflow("child")), key("child"): text("child")}
    from flowctl.planning.build import build_plan
    from flowctl.planning.request import PlanRequest

    asked = PlanRequest(project(after), live({}), NOW, "p", "0.1.0", selection=Selection(select=("dev/parent",)))
    found = one(build_plan(asked), "H1")
    assert found.severity == "error"
    assert "is not on the server yet, and left out here" in found.detail
    assert found.hint == "apply it first, or with this one"


def test_who_calls_a_flow_that_goes_is_not_checkable_where_the_server_does_not_tell() -> None:
    child = {key("child"): text("child")}
    assert said(made({}, child, calls=()), "H3") == []
    found = one(made({}, child, calls=None), "H3")
    assert found.severity == "info"
    assert "not checkable: whether flows outside of dev call it" in found.summary


def test_h1_is_silent_about_calls_that_never_happen() -> None:
    off = "    disabled: true\n"
    assert said(made({key("a"): text("a", tasks=subflow("gone", more=off))}), "H1") == []
    around = "  - id: all\n    type: io.kestra.plugin.core.flow.Sequential\n    disabled: true\n    tasks:\n"
    inside = "".join(f"    {line}\n" for line in subflow("gone").splitlines())
    assert said(made({key("a"): text("a", tasks=around + inside)}), "H1") == []


def test_h4_and_h34_are_silent_about_what_is_disabled() -> None:
    off = "disabled: true\n"
    before = {key("a"): text("a", tasks=subflow("b")), key("b"): text("b")}
    both = {key("a"): text("a", off, tasks=subflow("b")), key("b"): text("b", off)}
    assert said(made(both, before), "H4") == []
    circle = {
        key("a"): text("a", FLOW_TRIGGER.replace("{flow}", "b") + "    disabled: true\n"),
        key("b"): text("b", FLOW_TRIGGER.replace("{flow}", "a")),
    }
    assert said(made(circle), "H34") == []
