"""`POST /flows/validate`: what is written today instead of an old spelling."""

from __future__ import annotations

from pathlib import Path

import pytest

from flowctl.model.environment import Dialect
from tests.engine.api.server import YAML, running

LOG = "io.kestra.plugin.core.log.Log"
EACH = "io.kestra.plugin.core.flow.ForEach"
OLD = f"""\
id: old
namespace: company.team
pluginDefaults:
  - {{type: {LOG}, values: {{level: WARN}}}}
tasks:
  - {{id: say, type: io.kestra.core.tasks.log.Log, message: x}}
  - id: each
    type: {EACH}
    values: [1]
    tasks:
      - {{id: log, type: {LOG}, message: x}}
"""
REPLACED = f"io.kestra.core.tasks.log.Log is replaced by {LOG}"
TODAY = {
    REPLACED,
    "pluginDefaults: old spelling: `pluginDefaults`; "
    "write the values at each task: releases of 2.0 are to take defaults out of flows",
    f"tasks[1]: `{EACH}` is gone in 2.0; use io.kestra.plugin.core.flow.Loop",
}


@pytest.mark.parametrize(("dialect", "infos"), [("lenient", TODAY), ("1.3", {REPLACED})])
def test_infos_show_todays_spelling_where_no_real_server_is_imitated(
    dialect: Dialect, infos: set[str], tmp_path: Path
) -> None:
    with running(tmp_path, dialect) as server:
        [found] = server.post("/flows/validate", content=OLD, headers=YAML).json()
        assert set(found["infos"]) == infos
        assert server.save(OLD).status_code == 200
