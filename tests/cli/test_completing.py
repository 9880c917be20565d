"""What a shell is offered, through the variables by which its completion script asks."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

FLOW = "id: {}\ntasks:\n  - id: t\n    type: io.kestra.plugin.core.log.Log\n    message: hi\n"


@pytest.fixture
def workspace(tmp_path: Path) -> Path:
    (tmp_path / "environments").mkdir()
    for name in ("dev", "staging"):
        (tmp_path / f"environments/{name}.yaml").write_text("server: bundled\n")
        (tmp_path / f"flows/{name}").mkdir(parents=True)
        (tmp_path / f"flows/{name}/a.yaml").write_text(FLOW.format(f"of-{name}"))
    (tmp_path / "plan.json").write_text("{}")
    return tmp_path


def offered(place: Path, *words: str) -> list[str]:
    """The last word is the one that is being typed."""
    environ = {
        **os.environ,
        "_FLOWCTL_COMPLETE": "bash_complete",
        "COMP_WORDS": " ".join(("flowctl", *words)),
        "COMP_CWORD": str(len(words)),
    }
    done = subprocess.run(
        [sys.executable, "-m", "flowctl"], cwd=place, env=environ, capture_output=True, text=True, check=False
    )
    assert done.stderr == ""
    return [line.removeprefix("plain,") for line in done.stdout.splitlines() if line]


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        (("pla",), ["plan"]),
        (("plan", ""), ["dev", "staging"]),
        (("apply", ""), ["dev", "staging", "plan.json"]),
        (("apply", "pl"), ["plan.json"]),
        (("show", "pl"), ["plan.json"]),
        (("show", "./pl"), ["./plan.json"]),
        (("show", "dev/"), ["dev/of-dev"]),
        (("run", ""), ["dev/of-dev", "staging/of-staging"]),
        (("run", "-e", "dev", ""), ["dev/of-dev"]),
        (("run", "dev:"), ["dev:dev/of-dev"]),
        (("history", "staging", ""), ["staging/of-staging"]),
        (("adopt", "staging", "st"), ["staging/of-staging"]),
        (("executions", "list", "--flow", "dev"), ["dev/of-dev"]),
        (("promote", "dev", "staging", "--allow-unproven", "d"), ["dev/of-dev"]),
        (("triggers", "enable", "dev"), ["dev/of-dev"]),
        (("explain", "h4"), ["H4", "H40", "H41", "H42", "H43", "H44"]),
        (("-C", ""), ["dir,"]),
        (("ci", "issue", "--about", "st"), ["staging"]),
    ],
)
def test_names_of_the_workspace_are_offered(workspace: Path, words: tuple[str, ...], expected: list[str]) -> None:
    assert offered(workspace, *words) == expected


def test_another_directory_is_looked_at_where_the_line_says_so(workspace: Path) -> None:
    elsewhere = workspace / "environments"
    assert offered(elsewhere, "-C", "..", "plan", "") == ["dev", "staging"]
    assert offered(elsewhere, "-C", "..", "run", "dev/") == ["dev/of-dev"]


def test_nothing_is_offered_outside_of_a_workspace_or_from_unsound_files(workspace: Path) -> None:
    assert offered(Path("/"), "plan", "") == offered(Path("/"), "run", "") == []
    (workspace / "flows/dev/a.yaml").write_text("id: [")
    assert offered(workspace, "run", "") == ["staging/of-staging"]
