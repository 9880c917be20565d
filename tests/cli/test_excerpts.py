"""Lines below a problem."""

from __future__ import annotations

from pathlib import Path

import pytest

from flowctl.cli.excerpts import line_reader, may_be_shown


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
