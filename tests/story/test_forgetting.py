"""What is handed over stays on the server and is nobody's, by every way to apply."""

from __future__ import annotations

import pytest

from tests.story.project import Project

OTHER = "id: other\ntasks:\n  - id: say\n    type: io.kestra.plugin.core.log.Log\n    message: hello\n"


@pytest.mark.parametrize("ways", [(), ("--parallelism", "1")], ids=["batch", "single"])
def test_a_flow_that_is_forgotten_stays_on_the_server_unmanaged(project: Project, ways: tuple[str, ...]) -> None:
    project.flowctl("init")
    project.write("flows/dev/other.yaml", OTHER)
    project.apply()
    (project.root / "flows/dev/other.yaml").unlink()
    (change,) = project.plan("--forget", "dev/other")["changes"]
    assert (change["action"], change["object"]) == ("forget", "flow dev/other")
    assert "diff" not in change
    project.apply("--forget", "dev/other", *ways)
    after = project.plan("--unmanaged")
    assert (after["empty"], after["unmanaged"]) == (True, ["flow dev/other"])
    assert "id: other" in project.flowctl("show", "dev/other", "-e", "dev").out


def test_a_saved_plan_forgets_and_is_not_applied_twice(project: Project) -> None:
    project.flowctl("init")
    project.write("flows/dev/other.yaml", OTHER)
    project.apply()
    (project.root / "flows/dev/other.yaml").unlink()
    project.flowctl("plan", "--forget", "dev/other", "--out", "plan.json")
    assert "1 forgotten" in project.flowctl("apply", "plan.json").out
    assert "P210" in project.flowctl("apply", "plan.json", code=1).err
    project.write("flows/dev/other.yaml", OTHER)
    assert project.plan()["changes"][0]["action"] == "adopt"
