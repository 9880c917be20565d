"""Names in expressions: unknown inputs, variables, tasks, and tasks that come later."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

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


CORE = "io.kestra.plugin.core"


def log(id_: str, expression: str) -> str:
    """A Log in one line."""
    return f"{{id: {id_}, type: {CORE}.log.Log, message: '{{{{ {expression} }}}}'}}"


def group(kind: str, first: str, second: str, more: str = "", lists: tuple[str, str] = ("tasks", "tasks")) -> str:
    """A flowable with two Logs, `one` and `two`, in the lists that are named."""
    held: dict[str, list[str]] = {}
    for name, task in zip(lists, (log("one", first), log("two", second)), strict=True):
        held.setdefault(name, []).append(task)
    body = "".join(f"    {name}: [{', '.join(tasks)}]\n" for name, tasks in held.items())
    return f"  - id: group\n    type: {CORE}.flow.{kind}\n{more}{body}"


def told(tasks: str) -> list[str]:
    """What is said of a flow's outputs: the last part of each sentence."""
    found = said(made({key("a"): text("a", tasks=tasks)}), "F383")
    return [one.summary.rpartition(", and ")[2] for one in found]


AT_ONCE = ["two runs at the same time", "one runs at the same time"]
VALUES, CONDITION = "    values: [1]\n", "    condition: x\n"


@pytest.mark.parametrize(
    ("tasks", "expected"),
    [
        (group("Sequential", "outputs.two.value", "outputs.one.value"), ["two runs only later"]),
        (group("AllowFailure", "1", "outputs.one.value"), []),
        (group("Parallel", "outputs.two.value", "outputs.one.value"), AT_ONCE),
        (group("Parallel", "outputs.two.value", "1", "    concurrent: 1\n"), []),
        (group("ForEach", "outputs.two[taskrun.value]", "1", VALUES), []),
        (group("LoopUntil", "outputs.two.value", "1", CONDITION), []),
        (group("Loop", "outputs.two.value", "1", VALUES), ["two runs only later"]),
        (group("If", "outputs.two.value", "1", CONDITION, ("then", "else")), ["two runs only in another branch"]),
        (group("Sequential", "outputs.two.value", "1", "", ("tasks", "errors")), ["two runs only later"]),
        (group("Sequential", "1", "outputs.one.value", "", ("tasks", "finally")), []),
        (group("Sequential", "outputs.group.value", "1"), []),
        (group("Odd", "outputs.two.value", "1"), []),
    ],
)
def test_where_tasks_stand_tells_what_runs_first(tasks: str, expected: list[str]) -> None:
    assert told(tasks) == expected


@pytest.mark.parametrize(
    ("reads", "reader", "expected"),
    [
        ("a", "c", []),
        ("c", "a", ["c runs only later"]),
        ("d", "a", ["d runs at the same time"]),
    ],
)
def test_a_dag_runs_as_its_members_depend(reads: str, reader: str, expected: list[str]) -> None:
    needs = {"a": "[]", "b": "[a]", "c": "[b]", "d": "[]"}
    members = "".join(
        f"      - task: {log(id_, f'outputs.{reads}.value' if id_ == reader else '1')}\n        dependsOn: {found}\n"
        for id_, found in needs.items()
    )
    assert told(f"  - id: dag\n    type: {CORE}.flow.Dag\n    tasks:\n{members}") == expected


def task(kind: str, properties: str, reads: str) -> str:
    """A task with its properties in one line, and a Log behind it that reads something."""
    return f"  - {{id: first, type: {CORE}.{kind}, {properties}}}\n  - {log('x', reads)}\n"


SUBFLOW = "namespace: dev, flowId: b"


@pytest.mark.parametrize(
    ("more", "tasks"),
    [
        ("", task("execution.SetVariables", "variables: {later: 1}", "vars.later")),
        ("", task("execution.SetVariables", "variables: '{{ inputs }}'", "vars.any")),
        ("inputs:\n  - {name: word, type: STRING, defaults: x}\n", task("debug.Return", "format: x", "inputs.word")),
        ("", task("flow.ForEachItem", SUBFLOW, "outputs.first_merge.subflowOutputs")),
        ("", task("flow.Subflow", f"{SUBFLOW}, outputs: {{v: '{{{{ outputs.theirs.value }}}}'}}", "1")),
    ],
)
def test_names_that_are_there_all_the_same(more: str, tasks: str) -> None:
    plan = made({key("a"): text("a", more, tasks=tasks), key("b"): text("b")})
    assert [said(plan, code) for code in ("F381", "F382", "F383")] == [[], [], []]


def test_a_near_name_is_written_as_it_has_to_be() -> None:
    tasks = LOG.format(id="load-data", expression="1") + LOG.format(id="x", expression="outputs['load-dat'].value")
    assert one(made({key("a"): text("a", tasks=tasks)}), "F383").hint == "did you mean outputs['load-data']?"
    assert "no task ghost" in one(made(flow("tasks.ghost.state")), "F383").summary  # type: ignore[arg-type]


RECORDED = Path(__file__).parents[2] / "contract"
UNKNOWN = {"expressions", "depends_condition_error.yaml", "allow_failure_expression_error.yaml"}
"""Flows that name unknown things on purpose, and do not fail of it."""


def recorded() -> Iterator[Path]:
    """Recorded flows that ended well."""
    for results in sorted((RECORDED / "recorded").glob("*.json")):
        for name, found in json.loads(results.read_text()).items():
            path = RECORDED / "flows" / results.stem / name
            known = results.stem in UNKNOWN or name in UNKNOWN
            if path.exists() and not known and found.get("state") in ("SUCCESS", "WARNING"):
                yield path


def test_flows_that_ran_well_have_no_unknown_names() -> None:
    found, said_of = 0, {}
    for path in recorded():
        source = re.sub(r"^namespace:.*$", "namespace: dev", path.read_text(), flags=re.M)
        flow_id = re.search(r"^id: (\S+)", source, re.M)
        if flow_id is not None:
            plan = made({key(flow_id[1]): source})
            names = [note.summary for code in ("F381", "F382", "F383") for note in said(plan, code)]
            found, said_of = found + 1, said_of | ({path.name: names} if names else {})
    assert found > 250
    assert said_of == {}
