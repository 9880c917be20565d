"""Properties of the engine's own that render to nothing usable, with the real executor and store."""

from __future__ import annotations

import pytest

from tests.engine.running import Engine, flow

FLOW = "type: io.kestra.plugin.core.flow."
RETURN = "type: io.kestra.plugin.core.debug.Return"
INNER = f"tasks: [{{id: r, {RETURN}, format: x}}]"
NUMBER = "Unable to resolve state from the Flowable task: `{}` is no whole number: 'many'"


@pytest.mark.parametrize(
    ("task", "name"),
    [
        (f"{FLOW}Parallel, concurrent: many, {INNER}", "concurrent"),
        (f"{FLOW}Loop, values: [1], concurrencyLimit: many, {INNER}", "concurrencyLimit"),
        (f"{FLOW}LoopUntil, condition: x, checkFrequency: {{maxIterations: many}}, {INNER}", "maxIterations"),
        (f"{FLOW}ForEach, values: [1], concurrencyLimit: many, {INNER}", "concurrencyLimit"),
        (f"{FLOW}EachParallel, value: [1], concurrent: many, {INNER}", "concurrent"),
    ],
    ids=["Parallel", "Loop", "LoopUntil", "ForEach", "EachParallel"],
)
def test_a_number_that_is_none_fails_the_group_and_is_named(running: Engine, task: str, name: str) -> None:
    text = task.replace(f"{name}: many", f"{name}: \"{{{{ 'many' }}}}\"")
    ended = running.run(flow(f"  - {{id: g, {text}}}\n"))
    assert ended.state == "FAILED"
    assert running.messages(ended.id) == [f"ERROR g: {NUMBER.format(name)}"]


@pytest.mark.parametrize(
    ("limit", "message"),
    [
        ("soon", "Text cannot be parsed to a Duration: `soon`"),
        ("{{ nope }}", "Unable to find `nope` used in the expression `{{ nope }}` at line 1"),
    ],
    ids=["no-duration", "no-variable"],
)
@pytest.mark.parametrize(
    "task",
    [
        f"{RETURN}, format: x",
        f"{FLOW}Sleep, duration: PT1H",
        "type: io.kestra.plugin.scripts.shell.Commands, commands: ['true']",
    ],
    ids=["inline", "sleep", "worker"],
)
def test_a_time_limit_that_is_none_fails_the_attempt(running: Engine, task: str, limit: str, message: str) -> None:
    ended = running.run(flow(f'  - {{id: t, {task}, timeout: "{limit}", allowFailure: true}}\n'))
    assert ended.state == "WARNING"
    assert running.messages(ended.id) == [f"ERROR t: {message}"]


@pytest.mark.parametrize(
    ("task", "message"),
    [
        (f"{FLOW}Loop, values: 'kestra:///none', {INNER}", "File not found: kestra:///none"),
        (f"{FLOW}Loop, values: 'kestra:///../x', {INNER}", "is no address of a file"),
        (f"{FLOW}ForEachItem, items: 'kestra:///none', namespace: n, flowId: f", "File not found: kestra:///none"),
    ],
    ids=["loop", "loop-outside", "items"],
)
def test_a_file_that_is_not_there_fails_the_task_alone(running: Engine, task: str, message: str) -> None:
    handler = f"errors: [{{id: e, {RETURN}, format: x}}]\n"
    ended = running.run(flow(f"  - {{id: g, {task}}}\n", handler))
    assert ended.state == "FAILED"
    assert "e" in {run.task_id for run in ended.runs.values()}
    assert message in running.messages(ended.id)[0]


def test_the_lines_of_a_file_are_those_of_a_file(running: Engine) -> None:
    text = '  - {id: w, type: io.kestra.plugin.core.storage.Write, content: "a\\u2028b\\fc\\r\\nd"}\n'
    ended = running.run(flow(f"{text}  - {{id: g, {FLOW}Loop, values: '{{{{ outputs.w.uri }}}}', {INNER}}}\n"))
    assert [run.outputs.get("iterationCount") for run in ended.runs.values()] == [None, 2]


@pytest.mark.parametrize(
    ("uri", "message"),
    [
        ("kestra:///none", "File not found: kestra:///none"),
        ("none", "'none' is no address of the storage; one begins with kestra:///"),
        ("file:///etc/passwd", "file:///etc/passwd: files of the server's machine are not readable from flows"),
    ],
)
def test_a_file_that_cannot_be_read_is_named_without_more(running: Engine, uri: str, message: str) -> None:
    ended = running.run(flow(f"  - {{id: t, type: io.kestra.plugin.core.storage.Concat, files: ['{uri}']}}\n"))
    assert running.messages(ended.id, "DEBUG") == [f"ERROR t: {message}"]


def test_an_input_file_in_the_way_of_another_is_named(running: Engine) -> None:
    shell = "type: io.kestra.plugin.scripts.shell.Commands, taskRunner: {type: io.kestra.plugin.core.runner.Process}"
    ended = running.run(flow(f"  - {{id: t, {shell}, commands: ['true'], inputFiles: {{a: x, a/b: y}}}}\n"))
    assert ended.state == "FAILED"
    assert running.messages(ended.id) == ["ERROR t: `inputFiles`: 'a/b' cannot be written: File exists"]
