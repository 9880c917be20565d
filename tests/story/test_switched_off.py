"""Somebody disables a flow at night; deployments in the morning leave it disabled until somebody says otherwise."""

from __future__ import annotations

import json
from typing import Any

import pytest

from tests.story.project import Project

FLOW = """\
id: nightly
# loads what came in
tasks:
  - id: say
    type: io.kestra.plugin.core.log.Log
    message: hello
"""


def switch(project: Project, what: str) -> None:
    """Do what a person does in the server's own interface."""
    import httpx

    server = project.server()
    answer = httpx.post(
        f"{server.url}/api/v1/main/flows/{what}/by-ids",
        json=[{"namespace": "dev", "id": "nightly"}],
        headers={"Authorization": f"Bearer {server.token}"},
    )
    assert answer.json() == {"count": 1}


def on_server(project: Project) -> dict[str, Any]:
    """The flow as the server has it."""
    found = project.server().request("GET", "/flows/dev/nightly?source=true")
    assert isinstance(found, dict)
    return found


@pytest.fixture
def disabled(project: Project) -> Project:
    """A project whose flow was applied, and disabled on the server since."""
    project.flowctl("init")
    project.write("flows/dev/nightly.yaml", FLOW)
    project.apply()
    switch(project, "disable")
    return project


@pytest.mark.parametrize("ways", [(), ("--parallelism", "1")], ids=["batch", "single"])
def test_it_stays_disabled_through_changes_and_is_drift_all_the_while(disabled: Project, ways: tuple[str, ...]) -> None:
    assert disabled.plan()["empty"]
    disabled.write("flows/dev/nightly.yaml", FLOW.replace("hello", "good morning"))
    disabled.apply(*ways)
    found = on_server(disabled)
    assert found["disabled"] and "good morning" in found["source"] and "# loads what came in" in found["source"]
    again = disabled.plan()
    assert again["empty"] and [one["code"] for one in again["warnings"]] == ["P128"]
    drift = json.loads(disabled.flowctl("drift", "--json", code=2).out)
    assert [one["object"] for one in drift["drift"]] == ["flow dev/nightly"]
    shown = disabled.flowctl("drift", code=2).out
    assert "To put back what the files say:   flowctl apply dev --resume dev/nightly\n" in shown
    disabled.write("flows/dev/nightly.yaml", FLOW.replace("hello", "good evening"))
    disabled.apply(*ways)
    assert on_server(disabled)["disabled"]


def test_resume_enables_it_and_ends_the_drift(disabled: Project) -> None:
    disabled.flowctl("plan", "--resume", "dev/nightly", "--out", "plan.json")
    disabled.flowctl("apply", "plan.json")
    found = on_server(disabled)
    assert not found.get("disabled") and "disabled" not in found["source"]
    disabled.flowctl("drift")


def test_somebody_enables_it_on_the_server_again(disabled: Project) -> None:
    disabled.write("flows/dev/nightly.yaml", FLOW.replace("hello", "good morning"))
    disabled.apply()
    switch(disabled, "enable")
    disabled.apply()
    assert not on_server(disabled).get("disabled")
    disabled.flowctl("drift")


def test_pull_takes_the_line_into_the_file_which_then_decides(disabled: Project) -> None:
    disabled.flowctl("pull")
    path = disabled.root / "flows/dev/nightly.yaml"
    assert "disabled: true" in path.read_text()
    disabled.apply()
    disabled.write("flows/dev/nightly.yaml", FLOW)
    disabled.apply()
    assert not on_server(disabled).get("disabled")
