"""Names in expressions: unknown inputs, variables, tasks, and tasks that come later."""

from __future__ import annotations

from tests.planning.hazards.worlds import key, made, one, said, text

LOG = '  - id: {id}\n    type: io.kestra.plugin.core.log.Log\n    message: "{{{{ {expression} }}}}"\n'


def flow(expression: str, more: str = "", then: str = "") -> dict[object, str]:
    return {key("a"): text("a", more, tasks=LOG.format(id="say", expression=expression) + then)}


def test_an_unknown_input_has_a_place_and_a_near_name() -> None:
    found = one(made(flow("inputs.dya", "inputs:\n  - id: day\n    type: INT\n    defaults: 1\n")), "F381")  # type: ignore[arg-type]
    assert found.severity == "warning" and found.hint == "did you mean inputs.day?"
    assert (found.line, found.place) == (10, "tasks[say].message")


def test_unknown_variables_and_tasks_are_named() -> None:
    assert "no variable region" in one(made(flow("vars.region")), "F382").summary  # type: ignore[arg-type]
    assert "no task load" in one(made(flow("outputs.load.value")), "F383").summary  # type: ignore[arg-type]


def test_a_task_that_comes_later_has_no_outputs_yet() -> None:
    later = LOG.format(id="later", expression="1")
    assert "runs only later" in one(made(flow("outputs.later.value", then=later)), "F383").summary  # type: ignore[arg-type]
    earlier = LOG.format(id="last", expression="outputs.say.value")
    assert said(made(flow("1", then=earlier)), "F383") == []  # type: ignore[arg-type]


def test_what_may_be_undefined_is_no_mistake() -> None:
    assert said(made(flow("inputs.nothing ?? 'x'")), "F381") == []  # type: ignore[arg-type]
