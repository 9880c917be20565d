"""What a flow becomes for the executor."""

from __future__ import annotations

from flowctl.engine.executor.records.definition import compile_flow

RETURN = {"type": "io.kestra.plugin.core.debug.Return", "format": "x"}


def test_a_stored_null_among_the_dependencies_of_a_member_is_not_waited_for() -> None:
    members = [{"task": {"id": "a", **RETURN}}, {"task": {"id": "b", **RETURN}, "dependsOn": [None, "a"]}]
    dag = {"id": "d", "type": "io.kestra.plugin.core.flow.Dag", "tasks": members}
    definition = compile_flow({"id": "f", "namespace": "n", "tasks": [dag]}, 1, lambda _: True)
    assert definition.nodes["d"].depends == {"a": (), "b": ("a",)}
