"""What a text uses, as far as its names are fixed."""

from __future__ import annotations

from flowctl.promoting.uses import uses_of

TEXT = """\
id: a
tasks:
  - id: one
    type: io.kestra.plugin.core.debug.Return
    format: "{{ secret('A') }} {{ secret(\\"B\\", 'other.ns') }} {{ secret(inputs.name) }} {{ kv(key='C') }}"
  - id: two
    type: io.kestra.plugin.core.kv.Get
    key: D
    namespace: team
  - id: three
    type: io.kestra.plugin.core.kv.Set
    key: WRITTEN
  - id: four
    type: io.kestra.plugin.scripts.shell.Commands
    inputFiles:
      a.sql: nsfile:///sql/a.sql
      b.sql: "{{ read('b.sql') }} {{ read(outputs.one.uri) }} {{ read('kestra:///x') }}"
    commands: ["echo secret('NOT_IN_AN_EXPRESSION')"]
"""


def test_constant_names_are_found_and_computed_ones_are_kept_apart() -> None:
    found = uses_of(TEXT)
    assert found.secrets == {(None, "A"), ("other.ns", "B")}
    assert found.values == {(None, "C"), ("team", "D")}
    assert found.files == {"/sql/a.sql", "/b.sql"}
    assert found.computed == {("secret", "inputs.name")}
    assert found.types >= {"io.kestra.plugin.core.kv.Set", "io.kestra.plugin.scripts.shell.Commands"}
    assert not found.all_files


def test_a_task_that_mounts_the_namespaces_files_uses_all() -> None:
    text = "id: a\ntasks:\n  - {id: t, type: x.Y, namespaceFiles: {enabled: %s}}\n"
    assert uses_of(text % "true").all_files
    assert not uses_of(text % "false").all_files


def test_what_is_disabled_uses_nothing_but_its_type() -> None:
    text = TEXT.replace("  - id: one\n", "  - id: one\n    disabled: true\n")
    found = uses_of(text)
    assert found.secrets == frozenset() and ("team", "D") in found.values
    assert "io.kestra.plugin.core.debug.Return" in found.types
    assert uses_of(f"{TEXT}disabled: true\n").files == frozenset()
