"""What is said of an expression that fails while a flow runs."""

from __future__ import annotations

from pathlib import Path

import pytest

from flowctl.model.environment import Dialect
from tests.engine.running import engine, flow

RETURN = "type: io.kestra.plugin.core.debug.Return"
MISSPELT = "{{ outputs.transform_data.value }}"
TEXT = f"Unable to find `transform_data` used in the expression `{MISSPELT}` at line 1"
HINT = "; did you mean `['transform-data']`?"


@pytest.mark.parametrize(("dialect", "hint"), [("lenient", HINT), ("2.0", ""), ("1.3", "")])
def test_the_log_has_a_hint_where_no_real_server_is_imitated(dialect: Dialect, hint: str, tmp_path: Path) -> None:
    tasks = f'  - {{id: transform-data, {RETURN}, format: x}}\n  - {{id: read, {RETURN}, format: "{MISSPELT}"}}\n'
    with engine(tmp_path, dialect) as running:
        ended = running.run(flow(tasks))
        assert running.messages(ended.id, "ERROR") == [f"ERROR read: {TEXT}{hint}"]


def test_a_text_that_cannot_be_read_has_a_hint_too(tmp_path: Path) -> None:
    with engine(tmp_path) as running:
        ended = running.run(flow(f'  - {{id: read, {RETURN}, format: "{{{{ 1 in [1] }}}}"}}\n'))
        assert "write `x isIn list` or `list contains x`" in running.messages(ended.id, "ERROR")[0]
