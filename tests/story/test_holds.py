"""Flows that run are held back by an apply, and drained before they are deleted, all from the command line."""

from __future__ import annotations

import json
import os
import subprocess
import sys

import httpx
import pytest

from tests.story.project import Project

FLOW = "id: busy\nnamespace: dev\ntasks:\n  - id: wait\n    type: io.kestra.plugin.core.flow.Pause\n"
DEADLINE = 60


@pytest.fixture
def busy(project: Project) -> tuple[Project, str]:
    """A project whose one flow runs: the execution waits to be resumed."""
    project.write("environments/dev.yaml", "server: bundled\nflows: flows/dev\nnamespace: dev\n")
    project.write("flows/dev/busy.yaml", FLOW)
    project.write("flows/dev/kept.yaml", FLOW.replace("busy", "kept"))
    project.apply("dev")
    server = project.server()
    answer = httpx.post(
        f"{server.url}/api/v1/main/executions/dev/busy",
        headers={"Authorization": f"Bearer {server.token}"},
        files={"none": b""},
    )
    return project, str(answer.raise_for_status().json()["id"])


def apply_and_resume(project: Project, execution: str, *arguments: str) -> str:
    """Apply; once it says that it holds the flow, let the execution go on. Returns what was said."""
    process = subprocess.Popen(
        [sys.executable, "-m", "flowctl", "apply", "dev", "--auto-approve", *arguments],
        cwd=project.root,
        env={**os.environ, "NO_COLOR": "1"},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    assert process.stderr is not None
    for line in process.stderr:
        if line == "flow dev/busy: held, 1 running\n":
            break
    else:
        pytest.fail(f"nothing was held: {process.communicate()[0]}")
    project.server().request("POST", f"/executions/{execution}/actions/resume")
    out, err = process.communicate(timeout=DEADLINE)
    assert process.returncode == 0, err
    return out


def test_a_running_flow_is_held_and_then_written(busy: tuple[Project, str]) -> None:
    project, execution = busy
    project.write("flows/dev/busy.yaml", f"# second\n{FLOW}")
    plan = project.plan("dev", "--quiet-window", "5m")
    assert [change["held"] for change in plan["changes"]] == ["1 running"]
    assert "held: 1 running" in project.flowctl("plan", "dev", "--quiet-window", "5m").out
    said = project.apply("dev", "--json", "--quiet-window=5m", "--quiet-timeout=1s", code=1)
    report = json.loads(said.out.splitlines()[-1])["report"]
    assert [(one["outcome"], one["error"]["code"]) for one in report["results"]] == [("held", "A121")]
    assert "Apply complete!" in apply_and_resume(project, execution, "--quiet-window", "5m")
    assert project.plan("dev")["empty"]


def test_a_flow_that_goes_is_drained(busy: tuple[Project, str]) -> None:
    project, execution = busy
    (project.root / "flows/dev/busy.yaml").unlink()
    limit = "--max-deletes=100%"
    assert [one["code"] for one in project.plan("dev", limit, code=1)["refusals"]] == ["H25"]
    assert [change["held"] for change in project.plan("dev", limit, "--drain")["changes"]] == ["1 running"]
    project.flowctl("plan", "dev", limit, "--drain", "--out", "plan.json")
    assert "C114" in project.flowctl("apply", "plan.json", "--drain", "--auto-approve", code=64).err
    project.flowctl("apply", "plan.json", "--auto-approve", "--quiet-timeout", "1s", code=1)
    assert "1 deleted" in apply_and_resume(project, execution, limit, "--drain")
    assert project.plan("dev")["empty"]
