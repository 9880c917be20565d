"""Lines below a problem."""

from __future__ import annotations

from pathlib import Path

import pytest

from flowctl.cli.terminal.excerpts import line_reader, may_be_shown


def test_lines_are_read_from_the_workspace(tmp_path: Path) -> None:
    (tmp_path / "environments").mkdir()
    (tmp_path / "flows/dev").mkdir(parents=True)
    (tmp_path / "flows/dev/a.yaml").write_text("id: a\ntasks: [\n")
    read = line_reader(tmp_path / "flows/dev")
    assert read("flows/dev/a.yaml", 2) == "tasks: ["
    assert read("flows/dev/a.yaml", 3) is None
    assert read("flows/dev/a.yaml", 0) is None
    assert read("flows/dev/none.yaml", 1) is None


def test_a_file_that_is_no_text_has_no_lines(tmp_path: Path) -> None:
    (tmp_path / "a.yaml").write_bytes(b"\xff\xfe\n")
    assert line_reader(tmp_path)("a.yaml", 1) is None


@pytest.mark.parametrize("path", ["environments/dev.yaml", "flows/dev/_kv.yaml", "flows/dev/team/_kv.yml"])
def test_what_may_be_a_secret_is_not_shown(path: str) -> None:
    assert not may_be_shown(path)


def test_flows_are_shown() -> None:
    assert may_be_shown("flows/dev/environments.yaml")


WEBHOOK = "{id: w, type: io.kestra.plugin.core.trigger.Webhook, key: first-key-of-all}"


def test_secrets_in_a_line_are_masked(tmp_path: Path) -> None:
    (tmp_path / "a.yaml").write_text(f"id: a\ntriggers:\n  - {WEBHOOK}\nlabels:\n  x: first-key-of-all\n")
    read = line_reader(tmp_path)
    assert read("a.yaml", 3) == "  - {id: w, type: io.kestra.plugin.core.trigger.Webhook, key: ******"
    assert read("a.yaml", 5) == "  x: ******"
    assert read("a.yaml", 1) == "id: a"


@pytest.mark.parametrize(
    ("line", "shown"),
    [
        ("    token: abcdefgh # mine", "    token: ******"),
        ('    "apiKey": "abcdefgh",', '    "apiKey": ******'),
        (f"  - {WEBHOOK}", "  - {id: w, type: io.kestra.plugin.core.trigger.Webhook, key: ******"),
        ("    uri: https://me:abcdefgh@example.com/x", "    uri: https://me:******@example.com/x"),
        ("    password: '{{ secret(\"X\") }}'", "    password: '{{ secret(\"X\") }}'"),
        ("    keys: [a]", "    keys: [a]"),
    ],
    ids=["token", "quoted", "webhook", "url", "expression", "other-name"],
)
def test_a_text_that_cannot_be_parsed_is_masked_line_by_line(tmp_path: Path, line: str, shown: str) -> None:
    (tmp_path / "a.yaml").write_text(f"id: [\n{line}\n")
    assert line_reader(tmp_path)("a.yaml", 2) == shown
