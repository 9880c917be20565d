"""Looking back and going back, with a real Git repository, through the real program and server."""

from __future__ import annotations

import json
import subprocess

import pytest

from tests.story.project import Project
from tests.story.test_drift import edit

LOG = """\
id: {id}
# kept
tasks:
  - id: say
    type: io.kestra.plugin.core.log.Log
    message: {message}
"""


def commit(project: Project, message: str) -> str:
    """Commit everything; the commit's name."""
    name = ["-c", "user.name=Ada", "-c", "user.email=ada@example.com"]
    for arguments in (["init", "-q"], ["add", "-A"], [*name, "commit", "-qm", message]):
        subprocess.run(["git", *arguments], cwd=project.root, check=True)
    return subprocess.check_output(["git", "rev-parse", "HEAD"], cwd=project.root, text=True).strip()


def three_applies(project: Project) -> list[str]:
    """Serial 1: hello. Serial 2: hello changed, other new, a file, a value. Serial 3: all of it changed or gone."""
    project.flowctl("init")
    first = commit(project, "one")
    project.apply()
    hello = project.root / "flows/dev/hello.yaml"
    hello.write_text(hello.read_text().replace("World", "Venus"))
    project.write("flows/dev/other.yaml", LOG.format(id="other", message="first"))
    project.write("flows/dev/_files/query.sql", "select 1\n")
    project.write("flows/dev/_kv.yaml", "LIMIT: 1\n")
    second = commit(project, "two")
    project.apply()
    (project.root / "flows/dev/other.yaml").unlink()
    project.write("flows/dev/_files/query.sql", "select 2\n")
    project.write("flows/dev/_kv.yaml", "LIMIT: 2\n")
    third = commit(project, "three")
    project.apply("--max-deletes", "5")
    return [first, second, third]


def test_back_to_a_serial_restores_flows_files_and_values(project: Project) -> None:
    three_applies(project)
    project.flowctl("rollback", "dev", "--to", "2", "--auto-approve")
    assert "message: first" in project.flowctl("show", "dev/other").out
    server = project.server()
    assert server.request("GET", "/namespaces/dev/kv/LIMIT")["value"] == 1
    assert project.flowctl("rollback", "dev", "--to", "2", "--dry-run").out.count("No changes") == 1
    assert json.loads(project.flowctl("status", "--json").out)["serial"] == 4


def test_back_to_a_commit_is_the_same_and_leaves_the_work_tree_alone(project: Project) -> None:
    _, second, _ = three_applies(project)
    before = (project.root / "flows/dev/_files/query.sql").read_text()
    plan = project.flowctl("rollback", "dev", "--to", second, "--dry-run").out
    assert "+ flow dev/other" in plan and "~ file dev:/query.sql" in plan
    project.flowctl("rollback", "dev", "--to", second, "--auto-approve")
    assert "message: first" in project.flowctl("show", "dev/other").out
    assert (project.root / "flows/dev/_files/query.sql").read_text() == before
    status = subprocess.check_output(["git", "status", "--porcelain"], cwd=project.root, text=True)
    assert status == ""


def test_a_saved_rollback_is_applied_like_any_plan(project: Project) -> None:
    three_applies(project)
    project.flowctl("rollback", "dev", "--to", "2", "--out", "back.json")
    project.apply("back.json")
    assert "message: first" in project.flowctl("show", "dev/other").out


def test_what_was_deleted_by_hand_and_then_forgotten_comes_back(project: Project) -> None:
    project.flowctl("init")
    project.write("flows/dev/other.yaml", LOG.format(id="other", message="first"))
    commit(project, "one")
    project.apply()
    project.server().request("DELETE", "/flows/dev/other")
    project.flowctl("pull")
    commit(project, "two")
    assert "1 forgotten" in project.apply().out
    shown = project.flowctl("rollback", "dev", "--to", "1", "--dry-run")
    assert "+ flow dev/other" in shown.out
    assert "      from \n" not in shown.out
    assert "Back to 1: what is called the file here is what dev had then." in shown.err
    assert "Not saved: `flowctl rollback dev --to 1` plans again." in shown.err
    assert "The files of dev still say otherwise" in project.flowctl("rollback", "--to", "1", "--auto-approve").err
    assert "message: first" in project.flowctl("show", "dev/other").out


@pytest.mark.parametrize("action", ["apply", "rollback"])
def test_what_was_deleted_by_hand_and_created_anew_is_not_deleted_by_going_back(project: Project, action: str) -> None:
    project.flowctl("init")
    project.write("flows/dev/other.yaml", LOG.format(id="other", message="first"))
    commit(project, "one")
    project.apply()
    project.server().request("DELETE", "/flows/dev/other")
    project.flowctl(action, "dev", *(("--to", "1") if action == "rollback" else ()), "--auto-approve")
    shown = project.flowctl("rollback", "dev", "--to", "1", "--dry-run")
    assert "0 to delete, 2 unchanged" in shown.out
    assert "message: first" in project.flowctl("show", "dev/other").out


def test_the_files_are_not_said_to_differ_when_they_do_not(project: Project) -> None:
    project.flowctl("init")
    commit(project, "one")
    project.apply()
    edit(project, "dev/hello", "World", "Mars")
    done = project.flowctl("rollback", "dev", "--to", "1", "--auto-approve")
    assert "1 changed" in done.out
    assert "still say otherwise" not in done.err


def test_a_serial_that_never_was_and_a_commit_that_is_not_there_are_refused(project: Project) -> None:
    project.flowctl("init")
    commit(project, "one")
    assert "P122" in project.flowctl("rollback", "dev", "--to", "1", code=1).err
    project.apply()
    assert "P120" in project.flowctl("rollback", "dev", "--to", "0", code=1).err
    refused = project.flowctl("rollback", "dev", "--to", "99", code=1).err
    assert "cannot go back to serial 99" in refused
    assert "and Git knows no `99`" in refused
    assert "F503" in project.flowctl("rollback", "dev", "--to", "²", code=1).err
    assert "F503" in project.flowctl("rollback", "dev", "--to", "9" * 5000, code=1).err
    assert "F503" in project.flowctl("rollback", "dev", "--to", "no-such-tag", code=1).err


def test_history_lists_applies_and_what_happened_to_a_flow(project: Project) -> None:
    first, second, third = three_applies(project)
    edit(project, "dev/hello", "defaults: Venus", "defaults: Mars")
    applies = json.loads(project.flowctl("history", "dev", "--json").out)["applies"]
    assert [row["serial"] for row in applies] == [3, 2, 1]
    assert [row["commit"] for row in applies] == [third[:12], second[:12], first[:12]]
    assert "create flow dev/other" in applies[1]["objects"]
    rows = json.loads(project.flowctl("history", "dev", "dev/hello", "--json").out)["revisions"]
    assert "there is no flow dev/helo on the server of dev" in project.flowctl("history", "dev", "dev/helo", code=1).err
    assert [row["what"] for row in rows] == ["edited on the server", "update", "create"]
    assert [row.get("serial") for row in rows] == [None, 2, 1]


def test_status_names_commit_serial_lock_and_drift(project: Project) -> None:
    *_, third = three_applies(project)
    edit(project, "dev/hello", "defaults: Venus", "defaults: Mars")
    found = json.loads(project.flowctl("status", "--json").out)
    assert (found["serial"], found["commit"], found["lock"], found["drift"]) == (3, third[:12], "free", 1)
    assert "drift:       1" in project.flowctl("status").out


def test_status_tells_of_an_apply_that_only_deleted(project: Project) -> None:
    three_applies(project)
    for path in (project.root / "flows/dev").rglob("*"):
        if path.is_file():
            path.unlink()
    project.apply("--allow-empty", "--max-deletes", "100%")
    applied = json.loads(project.flowctl("history", "dev", "--json").out)["applies"][0]
    status = json.loads(project.flowctl("status", "--json").out)
    assert (status["objects"], status["serial"]) == (0, applied["serial"]) == (0, 4)
    assert status["lastApply"]["at"][:19] == applied["at"][:19]


def test_status_lists_every_object_with_its_state(project: Project) -> None:
    *_, third = three_applies(project)
    edit(project, "dev/hello", "defaults: Venus", "defaults: Mars")
    project.write("flows/dev/fresh.yaml", LOG.format(id="fresh", message="new"))
    rows = json.loads(project.flowctl("status", "--objects", "--json").out)["objects"]
    states = {row["object"]: row["state"] for row in rows}
    assert (states["flow dev/hello"], states["flow dev/fresh"]) == ("drifted", "to be created")
    listed = project.flowctl("status", "--objects").out
    assert listed.startswith("OBJECT") and third[:12] in listed


def test_status_names_what_is_not_proven_for_the_environment_that_promotes_from_it(project: Project) -> None:
    project.flowctl("init")
    project.write("environments/prod.yaml", "server: bundled\nnamespace: prod\nflows: flows/prod\npromotes_from: dev\n")
    project.write("flows/prod/_files/.keep", "")
    commit(project, "one")
    project.apply("dev")
    found = json.loads(project.flowctl("status", "dev", "--json").out)["unproven"]
    assert len(found) == 1
    assert found[0].startswith("for prod: dev/hello: ") and "green 0 of 1 times" in found[0]


def test_a_problem_of_a_commit_is_said_of_the_commit(project: Project) -> None:
    project.flowctl("init")
    project.write("flows/dev/other.yaml", "id: [\n")
    commit(project, "broken")
    project.write("flows/dev/other.yaml", LOG.format(id="other", message="sound"))
    commit(project, "sound")
    project.apply()
    refused = project.flowctl("rollback", "dev", "--to", "HEAD~1", code=1).err
    assert "--> HEAD~1:flows/dev/other.yaml:" in refused
    assert "help: that commit cannot be gone back to: name another, or a serial" in refused
    assert "id: other" not in refused
