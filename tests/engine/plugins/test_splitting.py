"""Splitting stored files, with the real executor and store."""

from __future__ import annotations

import pytest

from tests.engine.running import Engine, flow, output

WRITE = '  - {id: w, type: io.kestra.plugin.core.storage.Write, content: "a;1\\nb;2\\nc;3\\n"}\n'


def split(rule: str, kind: str = "storage.Split, from: '{{ outputs.w.uri }}'") -> str:
    return flow(f"{WRITE}  - {{id: s, type: io.kestra.plugin.core.{kind}, {rule}}}\n")


@pytest.mark.parametrize(
    ("rule", "pieces"),
    [("rows: 2", 2), ("partitions: 5", 3), ("bytes: 8", 2), ("bytes: 1 KB", 1), ('regexPattern: "^([ab])"', 2)],
)
def test_pieces(running: Engine, rule: str, pieces: int) -> None:
    uris = output(running.run(split(rule)), "s")["uris"]
    assert isinstance(uris, list)
    assert len(uris) == pieces


@pytest.mark.parametrize(
    ("rule", "message"),
    [
        ("rows: 0", "`rows` must be at least 1, but is 0"),
        ("rows: -1", "`rows` must be at least 1, but is -1"),
        ("partitions: 0", "`partitions` must be at least 1, but is 0"),
        ("bytes: 5B", "`bytes` is no size: '5B'; write a number, or one with KB, MB or GB"),
        ("bytes: many", "`bytes` is no size: 'many'; write a number, or one with KB, MB or GB"),
        ('regexPattern: "^a"', "`regexPattern` has no group: '^a'"),
        ('regexPattern: "["', "["),
    ],
)
@pytest.mark.parametrize("items", [False, True], ids=["task", "batches"])
def test_a_rule_that_is_none_fails_the_task_alone(running: Engine, rule: str, message: str, items: bool) -> None:
    kind = "flow.ForEachItem, namespace: n, flowId: f, items: '{{ outputs.w.uri }}'"
    source = split(f"batch: {{{rule}}}", kind) if items else split(rule)
    ended = running.run(source)
    assert ended.state == "FAILED"
    assert message in running.messages(ended.id)[0]
