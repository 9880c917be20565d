"""Legacy spellings become today's, where the dialect takes them."""

from __future__ import annotations

from textwrap import dedent
from typing import Any

import pytest

from flowctl.flowtext.document import parse
from flowctl.language.legacy.table import ROWS
from flowctl.language.normalise import hint_for, normalise
from flowctl.language.validation import check_flow
from flowctl.model.environment import Dialect

HEAD = "id: a\nnamespace: n\n"
ONE = "tasks: [{id: one, type: io.kestra.plugin.core.log.Log, message: x}]\n"
PYTHON = "io.kestra.plugin.scripts.python.Script"


def modern(text: str, dialect: Dialect = "lenient") -> Any:
    return normalise(parse(HEAD + text).value, dialect)[0]


def codes(text: str, dialect: Dialect) -> list[str]:
    return [f"{f.severity} {f.code}" for f in normalise(parse(HEAD + text).value, dialect)[1]]


def test_nothing_to_do_gives_the_same_object() -> None:
    value = parse(HEAD + ONE).value
    assert normalise(value)[0] is value


def test_a_rewritten_flow_is_a_copy() -> None:
    value = parse(HEAD + "errorHandling: [{id: e, type: t}]\n" + ONE).value
    before = repr(value)
    assert normalise(value)[0]["errors"] == [{"id": "e", "type": "t"}]  # type: ignore[index]  # a map
    assert repr(value) == before


@pytest.mark.parametrize(
    "text", ["errorHandling: {tasks: [{id: e, type: t}]}\n", "errorHandling: [{id: e, type: t}]\n"]
)
def test_error_handling(text: str) -> None:
    assert modern(text + ONE)["errors"] == [{"id": "e", "type": "t"}]
    assert "errorHandling" in modern(text + ONE, "2.0")


def test_container_becomes_image_and_limits() -> None:
    text = f"tasks: [{{id: s, type: {PYTHON}, script: x, container: {{image: 'python:3.9', memory: 4Gi, cpu: 2}}}}]\n"
    [task] = modern(text)["tasks"]
    assert task["containerImage"] == "python:3.9"
    assert task["taskRunner"] == {
        "type": "io.kestra.plugin.scripts.runner.docker.Docker",
        "memory": {"memory": "4GB"},
        "cpu": {"cpus": 2},
    }


def test_container_with_an_image_alone_leaves_the_runner_as_it_is() -> None:
    [task] = modern(f"tasks: [{{id: s, type: {PYTHON}, script: x, container: {{image: p}}}}]\n")["tasks"]
    assert task["containerImage"] == "p" and "taskRunner" not in task


@pytest.mark.parametrize(
    ("old", "new", "dialects"),
    [
        ("_if: x", {"runIf": "x"}, ("lenient",)),
        ("when: x", {"runIf": "x"}, ("lenient",)),
        ("retry: {type: constant, interval: PT1S, maxAttempt: 2}", None, ("lenient", "1.3")),
        ("workerGroup: {key: x}", {}, ("1.3",)),
    ],
)
def test_properties_of_tasks(old: str, new: dict[str, object] | None, dialects: tuple[Dialect, ...]) -> None:
    text = f"tasks: [{{id: one, type: io.kestra.plugin.core.log.Log, message: m, {old}}}]\n"
    for dialect in ("lenient", "1.3", "2.0"):
        [task] = modern(text, dialect)["tasks"]  # type: ignore[arg-type]
        if dialect not in dialects:
            assert old.split(":")[0] in task
        elif new is None:
            assert task["retry"] == {"type": "constant", "interval": "PT1S", "maxAttempts": 2}
        else:
            assert task == {"id": "one", "type": "io.kestra.plugin.core.log.Log", "message": "m", **new}


def test_a_property_under_both_names_keeps_both_and_is_refused() -> None:
    text = "tasks: [{id: one, type: io.kestra.plugin.core.log.Log, message: m, _if: x, runIf: y}]\n"
    [task] = modern(text)["tasks"]
    assert task["runIf"] == "y" and task["_if"] == "x"
    found = check_flow(parse(HEAD + text).value, strict_types=True)
    assert [f.code for f in found if f.severity == "error"] == ["F312"]


def test_old_type_names() -> None:
    text = "tasks: [{id: one, type: io.kestra.core.tasks.log.Log, message: m}]\n"
    assert modern(text)["tasks"][0]["type"] == "io.kestra.plugin.core.log.Log"
    assert codes(text, "1.3") == ["info F363"]
    assert codes(text, "lenient") == ["info F363", "deprecation F361"]
    assert codes(text, "2.0") == []


def test_wait_for_keeps_its_old_limits_only_where_nobody_says_which_server_it_was_written_for() -> None:
    text = "tasks: [{id: w, type: io.kestra.plugin.core.flow.WaitFor, condition: x, tasks: []}]\n"
    [task] = modern(text)["tasks"]
    assert task["type"].endswith("LoopUntil")
    assert task["checkFrequency"] == {"maxIterations": 100, "maxDuration": "PT1H", "interval": "PT1S"}
    for dialect in ("2.0", "1.3"):
        assert "checkFrequency" not in modern(text, dialect)["tasks"][0]  # type: ignore[arg-type]
    assert codes(text, "2.0") == ["info F363"]


def test_echo_is_log() -> None:
    [task] = modern("tasks: [{id: e, type: io.kestra.plugin.core.debug.Echo, format: hi, level: WARN}]\n")["tasks"]
    assert task == {"id": "e", "type": "io.kestra.plugin.core.log.Log", "level": "WARN", "message": "hi"}


@pytest.mark.parametrize(
    ("written", "lenient", "older"),
    [("BOOLEAN", "BOOL", "BOOL"), ("ENUM", "SELECT", "SELECT"), ("string", "STRING", "string"), ("INT", "INT", "INT")],
)
def test_input_types(written: str, lenient: str, older: str) -> None:
    text = f"inputs: [{{id: i, type: {written}}}]\n" + ONE
    assert modern(text)["inputs"][0]["type"] == lenient
    assert modern(text, "1.3")["inputs"][0]["type"] == older
    assert modern(text, "2.0")["inputs"][0]["type"] == written


def test_inputs_of_a_pause_and_of_a_form() -> None:
    text = (
        "inputs: [{id: f, type: FORM, inputs: [{name: a, type: BOOLEAN}]}]\n"
        "tasks: [{id: p, type: io.kestra.plugin.core.flow.Pause, onResume: [{name: b, type: STRING}]}]\n"
    )
    value = modern(text)
    assert value["inputs"][0]["inputs"] == [{"type": "BOOL", "id": "a"}]
    assert value["tasks"][0]["onResume"] == [{"type": "STRING", "id": "b"}]


def test_http_options() -> None:
    text = (
        "tasks: [{id: h, type: io.kestra.plugin.fs.http.Request, uri: x, allowFailed: true, sslOptions: {a: 1}, "
        "options: {basicAuthUser: u, basicAuthPassword: p, connectTimeout: PT1S, proxyAddress: h}}]\n"
    )
    [task] = modern(text)["tasks"]
    assert task == {
        "id": "h",
        "type": "io.kestra.plugin.core.http.Request",
        "uri": "x",
        "options": {
            "timeout": {"connectTimeout": "PT1S"},
            "proxy": {"address": "h"},
            "auth": {"type": "BASIC", "username": "u", "password": "p"},
            "allowFailed": True,
            "ssl": {"a": 1},
        },
    }


def test_triggers() -> None:
    text = (
        "triggers: [{id: t, type: io.kestra.core.models.triggers.types.Schedule, cron: '@daily', minLogLevel: WARN, "
        "backfill: {start: x}, scheduleConditions: [{type: io.kestra.plugin.core.condition.WeekendCondition}]}]\n" + ONE
    )
    [trigger] = modern(text)["triggers"]
    assert trigger == {
        "id": "t",
        "type": "io.kestra.plugin.core.trigger.Schedule",
        "cron": "@daily",
        "logLevel": "WARN",
        "conditions": [{"type": "io.kestra.plugin.core.condition.Weekend"}],
    }


def test_runner_and_docker() -> None:
    text = f"tasks: [{{id: s, type: {PYTHON}, script: x, runner: PROCESS, docker: {{image: i}}}}]\n"
    assert modern(text)["tasks"][0] == {
        "id": "s",
        "type": PYTHON,
        "script": "x",
        "taskRunner": {"type": "io.kestra.plugin.core.runner.Process"},
        "containerImage": "i",
    }
    assert "taskRunner" not in modern(text, "2.0")["tasks"][0], "2.0 reads `runner` and does not look at it"


@pytest.mark.parametrize("value", [None, 1, "text", [], [None], {"tasks": 1, "inputs": {"a": 1}, "triggers": "x"}])
def test_what_is_no_flow_comes_back(value: object) -> None:
    assert normalise(value) == (value, [])


def test_every_row_has_a_hint_that_validation_can_give() -> None:
    for row in ROWS:
        assert row.hint
        if row.scope not in ("expression", "text"):
            name = row.types[0] if row.types else ""
            assert hint_for(row.scope, row.old, name + "X" if name.endswith(".") else name)


def test_a_server_of_1_3_names_what_is_deprecated_there() -> None:
    """The places that a real 1.3.19 named, in full where it leaves out what is around a nested one."""
    text = """
    taskDefaults: [{type: LOG, values: {message: x}}]
    inputs: [{name: a, type: STRING}, {id: b, type: BOOLEAN}, {id: c, type: MULTISELECT, options: [x]}]
    listeners: [{tasks: [{id: l, type: LOG, message: x}]}]
    tasks:
      - id: f
        type: io.kestra.plugin.core.flow.ForEach
        tasks: [{id: g, type: io.kestra.core.tasks.states.Get}, {id: o, type: io.kestra.core.tasks.log.Log}]
      - {id: p, type: io.kestra.plugin.core.flow.Pause, delay: PT1S}
      - {id: n, type: io.kestra.plugin.core.execution.Count, namespaces: [x]}
    triggers:
      - {id: s, type: io.kestra.plugin.core.trigger.Schedule, backfill: {start: 2020-01-01T00:00:00Z}}
      - id: t
        type: io.kestra.plugin.core.trigger.Flow
        conditions: [{type: io.kestra.plugin.core.condition.FlowCondition}]
    """
    found = normalise(parse(HEAD + dedent(text)).value, "1.3")[1]
    assert sorted(f.shown for f in found if f.severity == "deprecation") == [
        "inputs[0].name",
        "inputs[1].type",
        "inputs[2].options",
        "listeners",
        "taskDefaults",
        "tasks[0].tasks[0]",
        "tasks[1].delay",
        "tasks[2]",
        "triggers[0].backfill",
        "triggers[1].conditions[0]",
    ]
