"""What a Loop runs over, and what it gathers; expected values as seen on a real 2.0."""

from __future__ import annotations

from pathlib import Path

import pytest

from flowctl.engine.executor.lifecycle.launching import Launch, launch, store_new
from tests.engine.running import Engine, engine, flow, output, states

CORE = "io.kestra.plugin.core."
RETURN = f"type: {CORE}debug.Return"


def looped(values: str, more: str = "", before: str = "", tasks: str = "", after: str = "") -> str:
    inner = tasks or f"{{id: r, {RETURN}, format: x}}"
    return flow(
        f"{before}  - id: each\n    type: {CORE}flow.Loop\n    values: {values}\n{more}"
        "    outputs: [{id: got, type: STRING, value: \"{{ item.key ?? '' }}:{{ item.value }}\"}]\n"
        f"    tasks: [{inner}]\n{after}"
    )


def gathered(running: Engine, source: str) -> list[object]:
    ended = running.run(source)
    assert ended.state == "SUCCESS", running.messages(ended.id, "ERROR")
    rows = output(ended, "each").get("outputs", [])
    assert isinstance(rows, list)
    return [row["outputs"]["got"] for row in rows]


@pytest.mark.parametrize(
    ("values", "items"),
    [
        (r'"  [1, 2]  "', [":1", ":2"]),
        (r'"[1, 2] and more"', [":1", ":2"]),
        (r'"{\"a\": 1}\n{\"a\": 2}"', ["a:1"]),
        (r'"[true, [1, null]]"', [":true", ":[1,null]"]),
        ("{a: null, b: 1, c: {d: null, e: 2}}", ["b:1", 'c:{"e":2}']),
        ('{"{{ 1 }}": {"{{ 2 }}": "{{ 3 }}"}}', ['{{ 1 }}:{"2":"3"}']),
        ("[2.5, 5000000000, {t: true, l: [1, null]}]", [":2.5", ":5000000000", ':{"t":true,"l":[1,null]}']),
    ],
)
def test_the_items_of_lists_maps_and_texts(running: Engine, values: str, items: list[str]) -> None:
    assert gathered(running, looped(values)) == items


@pytest.mark.parametrize(
    "values", ["[a, true]", "[a, [1]]", "{a: false}", "{a: [1]}", "'[NaN]'", "'{\"a\": null}'", "7"]
)
def test_what_no_items_are(running: Engine, values: str) -> None:
    ended = running.run(looped(values))
    assert (ended.state, states(ended)) == ("FAILED", {"each": "FAILED"})
    assert output(ended, "each") == {}


def write(content: str) -> str:
    return f'  - {{id: w, type: {CORE}storage.Write, extension: .txt, content: "{content}"}}\n'


def test_rows_of_a_file_are_kept_all_but_blank_ones(running: Engine) -> None:
    before = write(r"a\na\n\n  \n{\"b\": 1, \"c\": null}\n[1,  2]\n\"t u\"\n1.50\nnot json")
    source = looped('"{{ outputs.w.uri }}"', "    fetchType: FETCH\n", before)
    assert gathered(running, source) == [":a", ":a", ':{"b":1}', ":[1,2]", ":t u", ":1.50", ":not json"]


def test_a_row_that_is_null_fails_the_loop(running: Engine) -> None:
    ended = running.run(looped('"{{ outputs.w.uri }}"', before=write(r"a\nnull")))
    assert states(ended) == {"w": "SUCCESS", "each": "FAILED"}


@pytest.mark.parametrize("wish", ["", "    fetchType: AUTO\n"])
def test_what_is_gathered_over_a_file_is_in_files_when_nothing_is_asked_for(running: Engine, wish: str) -> None:
    ended = running.run(looped('"{{ outputs.w.uri }}"', wish, write(r"a\nb")))
    rows = output(ended, "each")["outputs"]
    assert isinstance(rows, list)
    assert [list(row["outputs"]) for row in rows] == [["uri"], ["uri"]]


@pytest.mark.parametrize("state", ["SUCCESS", "WARNING", "KILLED", "CANCELLED"])
def test_an_iteration_that_exits_ends_itself_alone_and_has_its_outputs(running: Engine, state: str) -> None:
    leave = f"{{id: x, type: {CORE}execution.Exit, state: {state}, runIf: \"{{{{ item.value == 'a' }}}}\"}}"
    assert gathered(running, looped("[a, b]", tasks=leave)) == [":a", ":b"]


def test_an_iteration_that_exits_as_failed_fails_the_loop(running: Engine) -> None:
    ended = running.run(looped("[a, b]", tasks=f"{{id: x, type: {CORE}execution.Exit, state: FAILED}}"))
    assert states(ended) == {"each": "FAILED"}
    rows = output(ended, "each")["outputs"]
    assert isinstance(rows, list)
    assert [row["outputs"] for row in rows] == [{"got": ":a"}]


def test_loop_outputs_gives_null_for_what_an_iteration_has_not(running: Engine) -> None:
    after = f"  - {{id: all, {RETURN}, format: \"{{{{ loopOutputs(outputs.each.outputs, name='none') }}}}\"}}\n"
    assert output(running.run(looped("[a, b]", after=after)), "all") == {"value": "[null,null]"}


@pytest.mark.parametrize("call", ["loopOutputs()", "loopOutputs(outputs.each.outputs)", "loopOutputs('x', 'got')"])
def test_loop_outputs_says_what_it_needs(running: Engine, call: str) -> None:
    ended = running.run(looped("[a]", after=f'  - {{id: all, {RETURN}, format: "{{{{ {call} }}}}"}}\n'))
    assert ended.state == "FAILED"
    assert "The 'loopOutputs' function expects" in "\n".join(running.messages(ended.id, "ERROR"))


def test_a_loop_until_that_is_to_fail_does_so_although_failure_is_allowed(running: Engine) -> None:
    ended = running.run(
        flow(
            f"  - id: u\n    type: {CORE}flow.LoopUntil\n    condition: '{{{{ false }}}}'\n    failOnMaxReached: true\n"
            "    allowFailure: true\n    checkFrequency: {interval: PT0.01S, maxIterations: 1}\n"
            f"    tasks: [{{id: r, {RETURN}, format: x}}]\n  - {{id: after, {RETURN}, format: x}}\n"
        )
    )
    assert states(ended) == {"u": "FAILED", "r": "SUCCESS"}


def test_parents_are_all_that_are_around_by_their_tasks(tmp_path: Path) -> None:
    inner = f"{{id: r, {RETURN}, format: '{{{{ parents }}}} {{{{ parent.task.id }}}}'}}"
    tasks = f"{{id: s, type: {CORE}flow.Sequential, tasks: [{inner}]}}"
    branch = f"{{id: i, type: {CORE}flow.If, condition: 'yes', then: [{tasks}]}}"
    with engine(tmp_path / "data", dialect="2.0") as running:
        ended = running.run(flow(f"  - {branch}\n"))
    assert output(ended, "r") == {"value": '[{"task":{"id":"s"}},{"task":{"id":"i"}}] s'}


def test_values_that_cannot_be_rendered_are_no_attempt(running: Engine) -> None:
    ended = running.run(looped('"{{ nothing.here }}"', "    allowFailure: true\n"))
    assert states(ended) == {"each": "FAILED"}
    assert [len(run.attempts) for run in ended.runs.values()] == [0]
    assert "Failed to process flowable task" in "\n".join(running.messages(ended.id, "ERROR"))


def test_a_round_sees_nothing_of_the_rounds_before(running: Engine) -> None:
    once = f'{{id: once, {RETURN}, format: x, runIf: "{{{{ outputs.u.iterationCount == 1 }}}}"}}'
    branch = f"{{id: i, type: {CORE}flow.If, condition: '{{{{ outputs.u.iterationCount == 1 }}}}', then: [{once}]}}"
    shown = "\"{{ outputs.once.value ?? 'gone' }} {{ tasks.once.state ?? 'none' }}\""
    ended = running.run(
        flow(
            f"  - id: u\n    type: {CORE}flow.LoopUntil\n    condition: '{{{{ outputs.u.iterationCount == 2 }}}}'\n"
            "    checkFrequency: {interval: PT0.01S}\n"
            f"    tasks:\n      - {branch}\n      - {{id: r, {RETURN}, format: {shown}}}\n"
            f"  - {{id: after, {RETURN}, format: {shown}}}\n"
        )
    )
    assert output(ended, "r") == output(ended, "after") == {"value": "gone none"}


@pytest.mark.parametrize("depth", [1, 2])
def test_an_iteration_sees_what_started_the_outermost_execution(running: Engine, depth: int) -> None:
    tasks = f"{{id: r, {RETURN}, format: '{{{{ trigger.sender }}}} {{{{ item.value }}}}'}}"
    for number in range(depth):
        tasks = f"{{id: each{number}, type: {CORE}flow.Loop, values: [x], tasks: [{tasks}]}}"
    found = running.executor.services.flows.latest(*running.save(flow(f"  - {tasks}\n")))
    trigger: dict[str, object] = {"id": "t", "type": "x", "variables": {"sender": "ann"}}
    execution = launch(running.executor.services, found, Launch(trigger=trigger))
    running.store.write(lambda connection: store_new(connection, execution, found.definition)).result()
    running.executor.ready(execution.id)
    assert running.wait(execution.id).state == "SUCCESS"
    query = "SELECT id FROM executions ORDER BY rowid DESC LIMIT 1"
    (innermost,) = running.store.read(lambda connection: connection.execute(query).fetchone())
    assert output(running.read(innermost), "r") == {"value": "ann x"}
