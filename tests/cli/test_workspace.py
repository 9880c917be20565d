"""Which environment a command is about, and who says so."""

from __future__ import annotations

from pathlib import Path

import pytest

from flowctl.cli.workspace import open_environment
from flowctl.errors import ProjectError
from flowctl.loading.workspace import find_workspace

CASES = [
    ("prod", {}, "", ""),
    (None, {"FLOWCTL_ENV": "prod"}, "", "FLOWCTL_ENV names it"),
    (None, {}, "environment: prod\n", "flowctl.yaml names it, under `environment`"),
    ("prod", {"FLOWCTL_ENV": "other"}, "environment: third\n", ""),
]


@pytest.mark.parametrize(("given", "environ", "settings", "said"), CASES)
def test_an_environment_that_is_not_there_is_said_with_who_names_it(
    tmp_path: Path, given: str | None, environ: dict[str, str], settings: str, said: str
) -> None:
    (tmp_path / "environments").mkdir()
    (tmp_path / "environments/dev.yaml").write_text("server: bundled\n")
    (tmp_path / "flowctl.yaml").write_text(settings)
    with pytest.raises(ProjectError) as caught:
        open_environment(find_workspace(tmp_path), given, environ)
    [found] = caught.value.diagnostics
    assert (found.code, found.summary, found.detail) == ("F103", "there is no environment `prod`", said)
