"""Keys with nothing after them: to a server an empty text, which is no list, map or object (seen on real ones)."""

from __future__ import annotations

import pytest

from flowctl.model.environment import Dialect
from tests.language.recorded import check_source

TASK = "{id: t, type: io.kestra.plugin.core.log.Log, message: m}"
TOP = "id: f\nnamespace: a.b\n"
GROUP = f"{TOP}tasks:\n  - id: g\n    type: io.kestra.plugin.core.flow."


def errors(source: str, dialect: Dialect) -> list[tuple[str | int, ...]]:
    return [found.path for found in check_source(source, dialect) if found.severity == "error"]


@pytest.mark.parametrize("dialect", ["2.0", "1.3"])
@pytest.mark.parametrize(
    "key",
    ["errors", "finally", "afterExecution", "inputs", "outputs", "triggers", "labels", "variables", "concurrency"],
)
def test_nothing_is_no_list_and_no_map(key: str, dialect: Dialect) -> None:
    assert errors(f"{TOP}{key}:\ntasks: [{TASK}]\n", dialect) == [(key,)]


@pytest.mark.parametrize("key", ["description", "disabled"])
def test_nothing_is_a_text_and_an_absent_flag(key: str) -> None:
    assert errors(f"{TOP}{key}:\ntasks: [{TASK}]\n", "2.0") == []


@pytest.mark.parametrize("null", ["~", "null"])
def test_a_written_null_is_as_if_the_key_were_not_there(null: str) -> None:
    assert errors(f"{TOP}errors: {null}\ntasks: [{TASK}]\n", "2.0") == []


def test_lenient_takes_it() -> None:
    assert errors(f"{TOP}errors:\ntasks: [{TASK}]\n", "lenient") == []


@pytest.mark.parametrize(
    ("rest", "place"),
    [
        (f"Sequential\n    tasks: [{TASK}]\n    finally:\n", ("tasks", 0, "finally")),
        (f"If\n    condition: x\n    then: [{TASK}]\n    else:\n", ("tasks", 0, "else")),
        (f"Dag\n    tasks:\n      - task: {TASK}\n        dependsOn:\n", ("tasks", 0, "tasks", 0, "dependsOn")),
        ("Subflow\n    namespace: a.b\n    flowId: f\n    inputs:\n", ("tasks", 0, "inputs")),
    ],
)
def test_in_groups_and_subflows_too(rest: str, place: tuple[str | int, ...]) -> None:
    assert place in errors(GROUP + rest, "2.0")


@pytest.mark.parametrize(("dialect", "refused"), [("2.0", True), ("1.3", True), ("lenient", False)])
def test_an_input_with_a_default_is_required(dialect: Dialect, refused: bool) -> None:
    source = f"{TOP}inputs: [{{id: n, type: INT, required: false, defaults: 4}}]\ntasks: [{TASK}]\n"
    assert bool(errors(source, dialect)) == refused
