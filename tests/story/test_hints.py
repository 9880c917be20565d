"""What comes next is said, and what a number or a name stands for."""

from __future__ import annotations

import subprocess

from tests.story.project import Project

FLOW = "id: {id}\ntasks:\n  - id: say\n    type: io.kestra.plugin.core.log.Log\n    message: {message}\n"


def git(project: Project, *arguments: str) -> str:
    command = ["git", "-c", "user.name=Ada", "-c", "user.email=ada@example.com", *arguments]
    return subprocess.run(command, cwd=project.root, check=True, capture_output=True, text=True).stdout.strip()


def started(project: Project) -> None:
    """A workspace in Git whose flow is applied."""
    project.flowctl("init")
    git(project, "init", "--quiet")
    git(project, "add", "-A")
    git(project, "commit", "--quiet", "-m", "Begin")
    project.apply()


def test_a_plan_of_another_commit_is_applied_and_says_so(project: Project) -> None:
    started(project)
    first = git(project, "rev-parse", "HEAD")
    project.write("flows/dev/hello.yaml", FLOW.format(id="hello", message="second"))
    project.flowctl("plan", "--out", "plan.json")
    git(project, "commit", "--quiet", "-am", "Second")
    second = git(project, "rev-parse", "HEAD")
    note = f"the plan was made from commit {first[:12]}, the files here are of {second[:12]}"
    assert note in project.flowctl("apply", "plan.json", "--auto-approve").err
    project.write("flows/dev/hello.yaml", FLOW.format(id="hello", message="third"))
    project.flowctl("plan", "--out", "plan.json")
    assert "the plan was made from" not in project.flowctl("apply", "plan.json", "--auto-approve").err


def test_drift_that_only_waits_for_an_apply_names_it_and_history_counts_what_was_taken_over(project: Project) -> None:
    started(project)
    server = project.server()
    text = server.request("GET", "/flows/dev/hello?source=true")["source"]
    server.request("PUT", "/flows/dev/hello", text.replace("Hello", "Edited"))
    project.flowctl("pull")
    assert "To apply what the files say: flowctl apply dev" in project.flowctl("drift", code=2).out
    assert "flow dev/hello: taken over after 0.0s [revision 2]" in project.apply().err
    head, last, *_ = project.flowctl("history").out.splitlines()
    assert head.split()[-1] == "ADOPTED" and last.split()[-4:] == ["0", "0", "0", "1"]


def test_a_flow_of_another_environment_has_no_history_and_no_blame_in_this_one(project: Project) -> None:
    started(project)
    project.server().request("POST", "/flows", FLOW.format(id="theirs", message="x") + "namespace: other\n")
    for command in (("history", "dev", "other/theirs"), ("blame", "dev:other/theirs")):
        refused = project.flowctl(*command, code=1).err
        assert "[C119] other/theirs is not among the flows of dev" in refused


def test_a_serial_that_never_was_is_no_commit_of_a_shallow_clone(project: Project) -> None:
    started(project)
    clone = Project(project.root.parent / "shallow")
    git(project, "clone", "--quiet", "--depth", "1", project.root.as_uri(), str(clone.root))
    server = project.server()
    environment = f"server: {server.url}\nauth: {{token_env: TOKEN}}\nnamespace: dev\nflows: flows/dev\n"
    clone.write("environments/dev.yaml", environment)
    refused = clone.flowctl("rollback", "--to", "99", code=1, TOKEN=server.token).err
    assert "[P120] cannot go back to serial 99" in refused


def test_unlock_of_what_is_not_locked_says_that_nothing_waits(project: Project) -> None:
    started(project)
    assert "nothing holds an apply back" in project.flowctl("unlock", "dev", "abc", code=1).err
