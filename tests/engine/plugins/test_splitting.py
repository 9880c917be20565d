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
        ("bytes: 1.5KB", "`bytes` is no size: '1.5KB'; write a number, or one with KB, MB or GB"),
    ],
)
@pytest.mark.parametrize("items", [False, True], ids=["task", "batches"])
def test_a_rule_that_is_none_fails_the_task_alone(running: Engine, rule: str, message: str, items: bool) -> None:
    kind = "flow.ForEachItem, namespace: n, flowId: f, items: '{{ outputs.w.uri }}'"
    source = split(f"batch: {{{rule}}}", kind) if items else split(rule)
    ended = running.run(source)
    assert ended.state == "FAILED"
    assert message in running.messages(ended.id)[0]


def pieces_of(running: Engine, text: str, rule: str) -> list[str]:
    """What the pieces hold."""
    write = f"  - {{id: w, type: io.kestra.plugin.core.storage.Write, content: {text}}}\n"
    cut = f"  - {{id: s, type: io.kestra.plugin.core.storage.Split, from: '{{{{ outputs.w.uri }}}}', {rule}}}\n"
    form = "{% for u in outputs.s.uris %}{{ read(u) | replace({'\\n': '$'}) }}#{% endfor %}"
    read = f'  - {{id: r, type: io.kestra.plugin.core.debug.Return, format: "{form}"}}\n'
    return str(output(running.run(flow(write + cut + read)), "r")["value"]).split("#")[:-1]


@pytest.mark.parametrize(
    ("text", "rule", "pieces"),
    [
        ('"a\\nb\\nc\\nd\\ne\\n"', "bytes: 5", ["a$b$c$", "d$e$"]),
        ('"a\\nb\\nc\\nd\\ne\\n"', "bytes: 4", ["a$b$", "c$d$", "e$"]),
        ('"a\\nb\\nc"', "bytes: 2, partitions: 2", ["a$", "b$", "c$"]),
        ('"a\\nb\\nc"', "rows: 2, partitions: 2", ["a$c$", "b$"]),
        ('"a\\r\\nb\\rc"', "rows: 2", ["a$b$", "c$"]),
        ("a;b;c", "rows: 1, separator: ';'", ["a;b;c;"]),
        ('"a;b\\nc;d\\n"', "rows: 1, separator: ';'", ["a;b;", "c;d;"]),
        ('"a\\nb"', "rows: 2, separator: ''", ["ab"]),
    ],
)
def test_what_pieces_hold(running: Engine, text: str, rule: str, pieces: list[str]) -> None:
    assert pieces_of(running, text, rule) == pieces


def test_a_split_without_a_rule_fails(running: Engine) -> None:
    ended = running.run(split("separator: ';'"))
    assert running.messages(ended.id, "ERROR") == [
        "ERROR s: one of `rows`, `partitions`, `bytes` and `regexPattern` is required, but none is there"
    ]


@pytest.mark.parametrize(("rule", "found"), [("", "b$a$"), (", separator: ''", "ba"), (", separator: '-'", "b-a-")])
def test_lines_are_reversed_whatever_ends_them(running: Engine, rule: str, found: str) -> None:
    write = '  - {id: w, type: io.kestra.plugin.core.storage.Write, content: "a\\r\\nb\\r\\n"}\n'
    turn = f"  - {{id: s, type: io.kestra.plugin.core.storage.Reverse, from: '{{{{ outputs.w.uri }}}}'{rule}}}\n"
    form = "{{ read(outputs.s.uri) | replace({'\\n': '$'}) }}"
    read = f'  - {{id: r, type: io.kestra.plugin.core.debug.Return, format: "{form}"}}\n'
    assert output(running.run(flow(write + turn + read)), "r")["value"] == found


@pytest.mark.parametrize("uri", ["x", "file:///etc/hosts"])
def test_only_stored_files_are_deleted(running: Engine, uri: str) -> None:
    task = f"  - {{id: d, type: io.kestra.plugin.core.storage.Delete, uri: '{uri}'}}\n"
    assert running.run(flow(task)).state == "FAILED"
