"""What is said about the items of a loop or of an each-task that hold a null, as real servers say it."""

from __future__ import annotations

import pytest

from flowctl.engine.executor.expressions.rendering import Renderer
from flowctl.engine.executor.flowables.eachitems import each_items
from flowctl.engine.plugins.properties import BadProperty
from flowctl.language.expressions.environment import Environment
from tests.engine.running import Engine, flow


@pytest.mark.parametrize(
    ("source", "shown"),
    [
        ('["a", null]', "[a, null]"),
        ('["ä", null, "b", null]', "[ä, null, b, null]"),
        ('[1, {"k": "v"}, null]', "[1, {k=v}, null]"),
        ("[null]", "[null]"),
    ],
)
def test_nulls_of_each_tasks_are_shown_unfiltered(source: str, shown: str) -> None:
    with pytest.raises(BadProperty) as refused:
        each_items(source, Renderer({}, Environment()))
    assert str(refused.value) == f"Found '1' null values on Each, with values={shown}"


def test_nulls_of_a_loop_are_shown_in_the_text_that_was_given(running: Engine) -> None:
    source = flow(
        "  - id: each\n    type: io.kestra.plugin.core.flow.Loop\n    values: '[\"a\", null]'\n"
        '    tasks: [{id: r, type: io.kestra.plugin.core.debug.Return, format: "{{ item.value }}"}]\n'
    )
    ended = running.run(source)
    assert ended.state == "FAILED"
    assert r'Found a null value inside the iteration values="[\"a\", null]"' in "\n".join(running.messages(ended.id))


def test_a_missing_namespace_file_is_named_with_its_namespace(running: Engine) -> None:
    ended = running.run(
        flow("  - {id: r, type: io.kestra.plugin.core.debug.Return, format: \"{{ read('none.txt') }}\"}\n")
    )
    assert "File '/none.txt' was not found in namespace" in "\n".join(running.messages(ended.id))
