"""The type that a pair gets, by dialect."""

from __future__ import annotations

from pathlib import Path

import pytest

from flowctl.model.environment import Dialect
from tests.engine.running import engine, flow, output

KV = "type: io.kestra.plugin.core.kv."


@pytest.mark.parametrize(
    ("dialect", "name", "more", "value"),
    [
        ("1.3", "Set", "", 2),
        ("1.3", "Put", "", "2"),
        ("1.3", "Set", ", kvType: NUMBER", 2),
        ("2.0", "Set", "", 2),
        ("lenient", "Set", "", 2),
        ("2.0", "Set", ", kvType: STRING", "2"),
    ],
)
def test_a_rendered_number_is_text_in_put_of_1_3(
    tmp_path: Path, dialect: Dialect, name: str, more: str, value: object
) -> None:
    tasks = (
        f'  - {{id: put, {KV}{name}, key: sum, value: "{{{{ 1 + 1 }}}}"{more}}}\n  - {{id: get, {KV}Get, key: sum}}\n'
    )
    with engine(tmp_path / "data", dialect) as running:
        ended = running.run(flow(tasks))
    assert output(ended, "get")["value"] == value


SET, GET, TOP = f"{KV}Set, key: k", f"{KV}Get, key: k", "namespace: test"
PRINT = "type: io.kestra.plugin.core.debug.Return, format"


def values(path: Path, *tasks: str, dialect: Dialect = "lenient") -> list[object]:
    """What tasks of a flow of `test.engine` give as `value`; their state where they give none."""
    text = "".join(f"  - {{id: t{number}, {task}, allowFailure: true}}\n" for number, task in enumerate(tasks))
    with engine(path / "data", dialect) as running:
        ended = running.run(flow(text))
    return [output(ended, run.task_id).get("value", run.state) for run in ended.runs.values()]


def test_a_pair_of_a_namespace_above_is_found(tmp_path: Path) -> None:
    above = f"{SET}, value: top, {TOP}"
    found = values(
        tmp_path, above, GET, f"{GET}, namespace: test.engine", f"""{PRINT}: "{{{{ kv('k') }}}}\"""", f"{KV}GetKeys"
    )
    assert found == ["SUCCESS", "top", "top", "top", "SUCCESS"]


def test_of_a_named_namespace_only_its_own_pairs_are_found(tmp_path: Path) -> None:
    named = f"""{PRINT}: "{{{{ kv('k', 'test.engine') }}}}\""""
    found = values(tmp_path, f"{SET}, value: top, {TOP}", named, f"{SET}, value: own", GET, f"{GET}, {TOP}")
    assert found == ["SUCCESS", "WARNING", "SUCCESS", "own", "top"]


@pytest.mark.parametrize("ttl", ["PT0S", "-PT5S"])
@pytest.mark.parametrize(("dialect", "state"), [("2.0", "WARNING"), ("1.3", "SUCCESS"), ("lenient", "SUCCESS")])
def test_2_0_insists_on_a_time_to_live_above_zero(tmp_path: Path, dialect: Dialect, state: str, ttl: str) -> None:
    assert values(tmp_path, f"{SET}, value: x, ttl: {ttl}", dialect=dialect) == [state]


@pytest.mark.parametrize("length", ["PT0S", "-PT1S"])
@pytest.mark.parametrize(("dialect", "state"), [("2.0", "WARNING"), ("1.3", "SUCCESS"), ("lenient", "SUCCESS")])
def test_2_0_insists_on_a_sleep_above_zero(tmp_path: Path, dialect: Dialect, state: str, length: str) -> None:
    sleep = f"type: io.kestra.plugin.core.flow.Sleep, duration: \"{{{{ '{length}' }}}}\""
    assert values(tmp_path, sleep, dialect=dialect) == [state]
