"""Edits made on the server: noticed, dated and shown with both texts; through the real program and server."""

from __future__ import annotations

import json

from tests.story.project import Project


def edit(project: Project, flow: str, old: str, new: str) -> None:
    """Change a flow's text on the server as somebody in a browser would."""
    namespace, name = flow.split("/")
    source = json.loads(project.flowctl("show", flow, "--json").out)["source"]
    assert old in source
    project.server().request("PUT", f"/flows/{namespace}/{name}", source.replace(old, new))


def test_no_drift_is_exit_code_zero(project: Project) -> None:
    project.flowctl("init")
    project.apply()
    assert project.flowctl("drift", "dev").out == "No drift on dev.\n"


def test_an_edit_is_dated_and_shown_with_its_difference(project: Project) -> None:
    project.flowctl("init")
    project.apply()
    edit(project, "dev/hello", "defaults: World", "defaults: Mars")
    found = project.flowctl("drift", code=2).out
    assert "flow dev/hello has changed (revision 1 -> 2)" in found
    assert "last applied" in found and "; changed 20" in found
    assert "-    defaults: World" in found and "+    defaults: Mars" in found
    assert "flowctl pull dev" in found


def test_the_applied_text_is_found_on_the_server_when_the_file_went_on(project: Project) -> None:
    project.flowctl("init")
    project.apply()
    edit(project, "dev/hello", "defaults: World", "defaults: Mars")
    path = project.root / "flows/dev/hello.yaml"
    path.write_text(path.read_text().replace("Hello, {{", "Servus, {{"))
    found = json.loads(project.flowctl("drift", "--json", code=2).out)
    (one,) = found["drift"]
    assert one["object"] == "flow dev/hello" and one["kind"] == "changed"
    assert "-    defaults: World" in one["diff"] and "+    defaults: Mars" in one["diff"]
    assert not any("Servus" in line for line in one["diff"])


def test_a_flow_that_was_deleted_on_the_server_is_drift(project: Project) -> None:
    project.flowctl("init")
    project.apply()
    project.server().request("DELETE", "/flows/dev/hello")
    found = project.flowctl("drift", "--markdown", code=2).out
    assert "flow dev/hello has been deleted" in found
    assert "-id: hello" in found


def test_changes_of_the_files_are_pending_and_not_drift(project: Project) -> None:
    project.flowctl("init")
    found = json.loads(project.flowctl("drift", "--json", code=2).out)
    assert found["drift"] == [] and found["pending"] == 1 and found["clean"] is False


def test_what_the_policy_ignores_is_counted(project: Project) -> None:
    project.flowctl("init")
    with (project.root / "environments/dev.yaml").open("a") as file:
        file.write("policy:\n  ignore: ['inputs[*].defaults']\n")
    project.apply()
    edit(project, "dev/hello", "    defaults: World", "    defaults: Mars")
    assert project.flowctl("drift").out == "No drift on dev: 1 ignored.\n"


def test_json_and_markdown_exclude_each_other(project: Project) -> None:
    project.flowctl("init")
    project.apply()
    assert "C105" in project.flowctl("drift", "--json", "--markdown", code=64).out
