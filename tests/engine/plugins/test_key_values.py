"""The type that a pair gets, by dialect."""

from __future__ import annotations

from pathlib import Path

import pytest

from flowctl.model.environment import Dialect
from tests.engine.running import engine, flow, output

KV = "type: io.kestra.plugin.core.kv."


@pytest.mark.parametrize(
    ("dialect", "name", "more", "value"),
    [
        ("1.3", "Set", "", "2"),
        ("1.3", "Put", "", "2"),
        ("1.3", "Set", ", kvType: NUMBER", 2),
        ("2.0", "Set", "", 2),
        ("lenient", "Set", "", 2),
        ("2.0", "Set", ", kvType: STRING", "2"),
    ],
)
def test_a_rendered_number_is_text_before_2_0(
    tmp_path: Path, dialect: Dialect, name: str, more: str, value: object
) -> None:
    tasks = (
        f'  - {{id: put, {KV}{name}, key: sum, value: "{{{{ 1 + 1 }}}}"{more}}}\n  - {{id: get, {KV}Get, key: sum}}\n'
    )
    with engine(tmp_path / "data", dialect) as running:
        ended = running.run(flow(tasks))
    assert output(ended, "get")["value"] == value
