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
