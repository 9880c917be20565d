"""H21 to H24."""

from __future__ import annotations

import pytest

from flowctl.model.keys import FileKey
from tests.planning.hazards.worlds import key, made, one, refused, said, text, value

LOG = '  - id: say\n    type: io.kestra.plugin.core.log.Log\n    message: "{{ %s }}"\n'


def using(expression: str) -> dict[object, str]:
    return {key("a"): text("a", tasks=LOG % expression)}


def test_h21_blocks_a_missing_secret_and_inherits_from_above() -> None:
    asks = using("secret('DB')")
    assert one(made(asks, secrets=frozenset()), "H21").severity == "error"  # type: ignore[arg-type]
    assert said(made(asks, secrets=frozenset({("dev", "DB")})), "H21") == []  # type: ignore[arg-type]
    below = {key("a", "dev.team"): text("a", namespace="dev.team", tasks=LOG % "secret('DB')")}
    assert said(made(below, secrets=frozenset({("dev", "DB")})), "H21") == []  # type: ignore[arg-type]


def test_h21_is_not_checkable_where_secrets_are_not_listed() -> None:
    found = one(made(using("secret('DB')")), "H21")  # type: ignore[arg-type]
    assert found.severity == "info" and "not checkable" in found.summary and found.line == 6


def test_h22_warns_of_a_missing_key_value() -> None:
    assert one(made(using("kv('LIMIT')")), "H22").severity == "warning"  # type: ignore[arg-type]
    there = {**using("kv('LIMIT')"), value("LIMIT"): ("NUMBER", 3)}
    assert said(made(there), "H22") == []  # type: ignore[arg-type]


def test_h23_is_not_checkable() -> None:
    found = one(made(using("namespace.region")), "H23")  # type: ignore[arg-type]
    assert found.severity == "info" and found.summary == "not checkable: whether there is namespace.region"


def test_h24_blocks_a_missing_file() -> None:
    asks = using("read('query.sql')")
    assert "H24" in refused(made(asks))  # type: ignore[arg-type]
    file = FileKey("dev", "/query.sql")
    assert said(made({**asks, file: b"select 1"}), "H24") == []  # type: ignore[arg-type,dict-item]
    before = {**asks, file: b"select 1"}
    gone = made({key("a"): asks[key("a")] + "    description: x\n"}, before)  # type: ignore[arg-type]
    assert "H24" in refused(gone)


def test_h24_looks_at_files_that_a_task_includes() -> None:
    more = "  - id: s\n    type: io.kestra.plugin.scripts.shell.Commands\n    namespaceFiles:\n      enabled: true\n"
    plan = made({key("a"): text("a", tasks=more + "      include: [a.sql, '*.txt']\n    commands: [ls]\n")})
    assert one(plan, "H24").summary == "there is no file /a.sql in dev"


@pytest.mark.parametrize(
    ("expression", "summary"),
    [
        ("kv('k', 'dev')", "there is no key-value k in dev or above"),
        ("kv('k', flow.namespace)", "there is no key-value k in dev or above"),
        ("kv(namespace='dev', key='k')", "there is no key-value k in dev or above"),
        ("kv('k', errorOnMissing=true)", "there is no key-value k in dev or above"),
        ("kv('k', 'dev', false)", ""),
        ("kv('k', errorOnMissing=false)", ""),
        ("kv('k', inputs.namespace)", ""),
        ("kv('k', 'other')", "not checkable: whether there is a key-value k in other"),
    ],
)
def test_h22_looks_where_the_call_looks(expression: str, summary: str) -> None:
    found = said(made(using(expression)), "H22")
    assert [note.summary for note in found] == ([summary] if summary else [])


@pytest.mark.parametrize(
    ("expression", "summary"),
    [
        ("read('q.sql', flow.namespace)", "there is no file /q.sql in dev"),
        ("read('q.sql', 'other')", "not checkable: whether there is a file /q.sql in other"),
        ("read('q.sql', vars.n)", ""),
        ("read('nsfile:///q.sql')", ""),
    ],
)
def test_h24_looks_where_the_call_looks(expression: str, summary: str) -> None:
    found = said(made(using(expression)), "H24")
    assert [note.summary for note in found] == ([summary] if summary else [])


@pytest.mark.parametrize(
    ("address", "summary"),
    [
        ("nsfile:///bin/run.sh", "there is no file /bin/run.sh in dev"),
        ("nsfile:///there.sh", ""),
        ("nsfile:///{{ inputs.name }}.sh", ""),
        ("nsfile://other/run.sh", "not checkable: whether there is a file /run.sh in other"),
        ("see nsfile:///run.sh", ""),
    ],
)
def test_h24_looks_at_files_that_a_text_addresses(address: str, summary: str) -> None:
    task = "  - id: s\n    type: io.kestra.plugin.scripts.shell.Commands\n    commands: [sh run.sh]\n"
    flow = text("a", tasks=f'{task}    inputFiles:\n      run.sh: "{address}"\n')
    found = said(made({key("a"): flow, FileKey("dev", "/there.sh"): b"ls"}), "H24")  # type: ignore[dict-item]
    assert [note.summary for note in found] == ([summary] if summary else [])
    assert all(note.place == "tasks[s].inputFiles.run.sh" or note.line for note in found)


def test_h24_sees_a_flow_that_stays_and_reads_a_file_that_goes() -> None:
    reads, file = using("read('q.sql')"), FileKey("dev", "/q.sql")
    others = {FileKey("dev", "/r.sql"): b"x"}
    plan = made(reads, {**reads, file: b"x", **others})  # type: ignore[dict-item]
    found = one(plan, "H24")
    assert "H24" in refused(plan) and found.summary == "there is no file /q.sql in dev"
    assert (found.path, found.place) == ("flows/dev/a.yaml", "tasks[say].message")
    assert said(made({}, {**reads, file: b"x"}), "H24") == []  # type: ignore[dict-item]
    assert said(made(reads, {**reads, **others}), "H24") == []  # type: ignore[dict-item]
    assert said(made({**reads, file: b"y"}, {**reads, file: b"x"}), "H24") == []  # type: ignore[dict-item]


def test_h22_sees_a_flow_that_stays_and_reads_a_key_that_goes() -> None:
    reads = using("kv('k')")
    plan = made(reads, {**reads, value("k"): ("STRING", "x")})  # type: ignore[dict-item]
    assert one(plan, "H22").severity == "warning"
    assert said(made(reads, {**reads, value("l"): ("STRING", "x")}), "H22") == []  # type: ignore[dict-item]
    lenient = using("kv('k', errorOnMissing=false)")
    assert said(made(lenient, {**lenient, value("k"): ("STRING", "x")}), "H22") == []  # type: ignore[dict-item]
