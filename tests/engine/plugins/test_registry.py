"""A plugin of another package: described, registered, run; its failures are its own."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest

from flowctl.engine.executor.assembling import assemble
from flowctl.engine.plugins.properties import Properties
from flowctl.engine.plugins.protocol import Result, RunContext, Task, TaskFailure
from flowctl.engine.plugins.registry import Registry, built_in
from flowctl.engine.store import Store
from flowctl.language.types import all_types, find_type, register
from flowctl.language.types.build import number, text
from flowctl.language.types.common import task
from tests.engine.running import Engine, flow, output

SPEC = task("org.example.Shout", "Shouts.", {"message": text(required=True), "times": number(default=1)})


class Shout:
    """The plugin."""

    spec, inline = SPEC, False

    def run(self, context: RunContext, properties: Properties) -> Mapping[str, object] | Result:
        """`loud`."""
        message = properties.required("message")
        if message == "fail":
            raise TaskFailure("no voice", {"kept": 1})
        if message == "break":
            raise ZeroDivisionError("a bug")
        if message == "label":
            return Result(outputs={"loud": "x"}, labels={"shouted": "yes"}, state="WARNING")
        context.log("WARN", "shouting")
        return {"loud": message.upper() * (properties.integer("times", 1) or 1), "nothing": None}


@pytest.fixture
def running(tmp_path: Path) -> Iterator[Engine]:
    register(SPEC)
    store = Store.open(tmp_path, environ={})
    executor = assemble(store, tmp_path, registry=Registry([*built_in(), Shout()]), environ={})
    executor.start()
    yield Engine(store, executor)
    executor.close()
    store.close()


def shout(message: str, more: str = "") -> str:
    return flow(f"  - {{id: t, type: org.example.Shout, message: '{message}'{more}}}\n")


def test_a_plugin_gets_rendered_properties_and_gives_outputs(running: Engine) -> None:
    ended = running.run(shout("{{ flow.id }}o", ", times: '{{ 1 + 1 }}'"))
    assert output(ended, "t") == {"loud": "FOFO"}
    assert running.messages(ended.id) == ["WARN t: shouting"]


@pytest.mark.parametrize(("message", "line"), [("fail", "no voice"), ("break", "ZeroDivisionError: a bug")])
def test_a_failing_plugin_fails_its_task(running: Engine, message: str, line: str) -> None:
    ended = running.run(shout(message))
    assert ended.state == "FAILED"
    assert running.messages(ended.id, "ERROR") == [f"ERROR t: {line}"]


def test_a_plugin_can_set_labels_and_warn(running: Engine) -> None:
    ended = running.run(shout("label"))
    assert ended.state == "WARNING"
    assert ("shouted", "yes") in ended.labels


def test_a_templated_task_may_be_a_plugins(running: Engine) -> None:
    spec = "    spec: |\n      type: org.example.Shout\n      message: '{{ flow.id }}'\n"
    ended = running.run(flow("  - id: t\n    type: io.kestra.plugin.core.templating.TemplatedTask\n" + spec))
    assert output(ended, "t") == {"loud": "F"}


def test_a_property_that_cannot_be_read_fails_the_task(running: Engine) -> None:
    ended = running.run(shout("x", ", times: many"))
    assert running.messages(ended.id, "ERROR") == ["ERROR t: `times` is no whole number: 'many'"]


def test_every_built_in_task_follows_the_protocol_and_is_described() -> None:
    tasks = built_in()
    assert all(isinstance(one, Task) for one in tasks)
    assert all(find_type(one.spec.name) is not None for one in tasks)


def test_every_type_that_counts_as_runnable_is_run_by_somebody(running: Engine) -> None:
    registry = running.executor.services.registry
    promised = {spec.name for spec in all_types("task") if spec.runnable and not spec.flowable}
    missing = {
        name for name in promised if not registry.runnable(name) and not name.startswith("io.kestra.plugin.core.flow.")
    }
    assert missing == set()
