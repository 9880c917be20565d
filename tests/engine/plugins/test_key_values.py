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


@pytest.mark.parametrize("kind", ["", ", kvType: STRING"])
@pytest.mark.parametrize(
    ("text", "value", "printed"),
    [
        ("P2DT5H", 190_800.0, "PT53H"),
        ("PT75M", 4_500.0, "PT1H15M"),
        ("about PT75M", "about PT75M", "about PT75M"),
        ("PT0.25S", "PT0.25S", "PT0.25S"),
        ("PT", "PT", "PT"),
    ],
)
def test_a_text_that_is_a_duration_is_kept_as_one(
    tmp_path: Path, kind: str, text: str, value: object, printed: str
) -> None:
    found = values(tmp_path, f'{SET}, value: "{text}"{kind}', GET, f"""{PRINT}: "{{{{ kv('k') }}}}\"""", dialect="2.0")
    assert found == ["SUCCESS", value, printed]


def test_templates_in_a_map_or_a_list_give_texts(tmp_path: Path) -> None:
    more = '{n: 4, "{{ \'k\' ~ 1 }}": ["{{ 2 + 3 }}", {deep: "{{ [6] }}"}], gone: null}'
    assert values(tmp_path, f"{SET}, value: {more}", GET)[1] == {"n": 4, "k1": ["5", {"deep": "[6]"}]}


def test_a_pair_whose_time_is_over_can_still_be_deleted_once(tmp_path: Path) -> None:
    tasks = (
        f"  - {{id: put, {SET}, value: x, ttl: PT0.001S}}\n"
        "  - {id: nap, type: io.kestra.plugin.core.flow.Sleep, duration: PT0.01S}\n"
        f"  - {{id: one, {KV}Delete, key: k}}\n  - {{id: two, {KV}Delete, key: k}}\n"
    )
    with engine(tmp_path / "data") as running:
        ended = running.run(flow(tasks))
    assert (output(ended, "one"), output(ended, "two")) == ({"deleted": True}, {"deleted": False})
