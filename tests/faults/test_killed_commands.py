"""kill -9 at each write of `promote --apply` and `rollback`: the same command, given again, comes to the same end."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.promoting.site import Site
from tests.story.project import Project
from tests.story.test_rollback import three_applies

ROOT = Path(__file__).parents[2]
MOST_WRITES = 40
SINGLY = ("--auto-approve", "--rollback-on-error", "--parallelism=1")


@pytest.fixture
def site(tmp_path: Path) -> Iterator[Site]:
    created = Site.create(tmp_path / "project")
    yield created
    created.project.close()


@pytest.fixture
def project(tmp_path: Path) -> Iterator[Project]:
    created = Project.create(tmp_path / "project")
    yield created
    created.close()


def killed(project: Project, number: int, when: str, *arguments: str) -> bool:
    """Run flowctl so that it dies at a write; False when it comes to its end before, which has to be a good one."""
    done = subprocess.run(
        [sys.executable, "-m", "tests.faults.deadly", str(number), when, *arguments],
        cwd=project.root,
        env={**os.environ, "PYTHONPATH": str(ROOT), "NO_COLOR": "1"},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode in (0, -signal.SIGKILL), done.stdout + done.stderr
    return done.returncode != 0


def until_done(project: Project, when: str, *arguments: str) -> int:
    """Killed one write later at each attempt, until one comes to its end. Returns how many were killed."""
    for number in range(1, MOST_WRITES):
        if not killed(project, number, when, *arguments):
            return number - 1
    pytest.fail(f"{MOST_WRITES} attempts and no end")


@pytest.mark.parametrize("when", ["before", "after"])
def test_a_rollback(project: Project, when: str) -> None:
    three_applies(project)
    assert until_done(project, when, "rollback", "dev", "--to", "2", *SINGLY) >= 3
    assert "message: first" in project.flowctl("show", "dev/other").out
    assert project.server().request("GET", "/namespaces/dev/kv/LIMIT")["value"] == 1
    assert "No changes" in project.flowctl("rollback", "dev", "--to", "2", "--dry-run").out
    assert project.plan("dev", "--max-deletes=9")["drift"] == []


@pytest.mark.parametrize("when", ["before", "after"])
def test_a_promotion(site: Site, when: str) -> None:
    site.prove("staging/daily", "staging.jobs/load")
    assert until_done(site.project, when, "promote", "staging", "production", "--apply", *SINGLY) >= 3
    found = site.project.plan("production")
    assert (found["changes"], found["drift"], found["refusals"]) == ([], [], [])
    assert "load" in site.read("flows/production/daily.yaml")
