"""A running server that answers otherwise than the settings say."""

from __future__ import annotations

from pathlib import Path

import pytest

from flowctl.cli.background.dialects import dialect_note
from flowctl.cli.background.record import ServerRecord
from flowctl.loading.workspace import Workspace
from flowctl.model.environment import Dialect, Environment

RESTART = " `flowctl server stop`, and the next command starts it anew."


def record(dialect: str | None) -> ServerRecord:
    return ServerRecord(1, 8080, "http://127.0.0.1:8080", None, "2026-01-01T00:00:00+00:00", "0", dialect)


def environment(dialect: Dialect | None) -> Environment:
    return Environment("dev", Path("dev.yaml"), "bundled", (), "dev", ("dev",), dialect=dialect)


def workspace(root: Path, dialect: str | None) -> Workspace:
    if dialect is not None:
        (root / "flowctl.yaml").write_text(f'dialect: "{dialect}"\n')
    return Workspace(root)


@pytest.mark.parametrize(
    ("runs", "file", "environ", "checked"),
    [
        ("lenient", None, {}, None),
        ("1.3", "1.3", {}, "1.3"),
        ("2.0", "1.3", {"FLOWCTL_SERVER_DIALECT": "2.0"}, "1.3"),
        (None, "1.3", {}, "1.3"),
    ],
)
def test_nothing_is_said_where_they_agree(
    tmp_path: Path, runs: str | None, file: str | None, environ: dict[str, str], checked: Dialect | None
) -> None:
    assert dialect_note(record(runs), workspace(tmp_path, file), environ, environment(checked)) is None


def test_a_server_that_was_started_otherwise_is_to_be_started_anew(tmp_path: Path) -> None:
    assert dialect_note(record("lenient"), workspace(tmp_path, "1.3"), {}) == (
        "Note: the bundled server answers as lenient, as it was started; flowctl.yaml says 1.3 now." + RESTART
    )
    variable = {"FLOWCTL_SERVER_DIALECT": "2.0"}
    assert dialect_note(record("1.3"), workspace(tmp_path, "1.3"), variable) == (
        "Note: the bundled server answers as 1.3, as it was started; FLOWCTL_SERVER_DIALECT says 2.0 now." + RESTART
    )


def test_a_key_that_is_gone_is_a_change_too(tmp_path: Path) -> None:
    assert dialect_note(record("1.3"), workspace(tmp_path, None), {}) == (
        "Note: the bundled server answers as 1.3, as it was started; flowctl.yaml says nothing, which is lenient now."
        + RESTART
    )


def test_an_environment_that_is_checked_by_other_rules_is_named(tmp_path: Path) -> None:
    assert dialect_note(record("lenient"), workspace(tmp_path, None), {}, environment("1.3")) == (
        "Note: the bundled server answers as lenient, and the files of dev are checked as 1.3. "
        'For both: `dialect: "1.3"` in flowctl.yaml, `flowctl server stop`.'
    )
