"""Server edits taken into the files, through the real program and server."""

from __future__ import annotations

import json
import subprocess

import httpx

from tests.story.project import Project
from tests.story.test_drift import edit
from tests.story.test_rollback import LOG, commit


def test_an_edit_comes_back_without_the_namespace_line_and_nothing_is_left_to_do(project: Project) -> None:
    project.flowctl("init")
    project.apply()
    path = project.root / "flows/dev/hello.yaml"
    before = path.read_text()
    edit(project, "dev/hello", "    defaults: World", "    defaults: Mars # far")
    assert "+    defaults: Mars # far" in project.flowctl("pull", "--dry-run").out
    assert path.read_text() == before
    project.flowctl("pull", "dev")
    assert path.read_text() == before.replace("    defaults: World", "    defaults: Mars # far")
    assert json.loads(project.flowctl("drift", "--json", code=2).out)["drift"] == []
    project.apply()
    assert "No drift" in project.flowctl("drift").out


def test_where_the_file_changed_too_it_is_left_out_and_said(project: Project) -> None:
    project.flowctl("init")
    project.apply()
    edit(project, "dev/hello", "defaults: World", "defaults: Mars")
    path = project.root / "flows/dev/hello.yaml"
    mine = path.read_text().replace("Hello, {{", "Servus, {{")
    path.write_text(mine)
    said = project.flowctl("pull", code=1)
    assert "left out: flow dev/hello: its file has changed as well" in said.err
    assert path.read_text() == mine
    project.flowctl("pull", "--overwrite")
    assert "Mars" in path.read_text() and "Servus" not in path.read_text()


def test_programs_are_told_what_was_taken_and_what_was_left_out(project: Project) -> None:
    project.flowctl("init")
    project.write("flows/dev/other.yaml", LOG.format(id="other", message="first"))
    commit(project, "one")
    project.apply()
    edit(project, "dev/hello", "defaults: World", "defaults: Mars")
    edit(project, "dev/other", "first", "second")
    project.write("flows/dev/other.yaml", LOG.format(id="other", message="third"))
    shown = json.loads(project.flowctl("pull", "--json", "--dry-run", code=1).out)
    assert (shown["format"], shown["kind"], shown["environment"], shown["dryRun"]) == ("1.0", "pull", "dev", True)
    [one] = shown["edits"]
    assert (one["path"], one["change"], one["objects"]) == ("flows/dev/hello.yaml", "update", ["flow dev/hello"])
    assert any("Mars" in line for line in one["diff"])
    [left] = shown["leftOut"]
    assert left["object"] == "flow dev/other" and "has changed as well" in left["reason"]
    said = project.flowctl("pull", "--json", "--branch", "from-server", code=1)
    taken = json.loads(said.out)
    assert (taken["branch"], len(taken["commit"]), "diff" in taken["edits"][0]) == ("from-server", 40, False)
    assert "Committed" not in said.err


def test_a_flow_file_and_value_deleted_or_changed_on_the_server(project: Project) -> None:
    project.flowctl("init")
    project.write("flows/dev/other.yaml", LOG.format(id="other", message="first"))
    project.write("flows/dev/_files/a.txt", "a\n")
    project.write("flows/dev/_kv.yaml", "# limits\nLIMIT: 1 # rows\nGONE: x\n")
    project.apply()
    server = project.server()
    server.request("DELETE", "/flows/dev/other")
    server.request("DELETE", "/namespaces/dev/files?path=/a.txt")
    server.request("DELETE", "/namespaces/dev/kv/GONE")
    server.request("PUT", "/namespaces/dev/kv/LIMIT", "5")
    project.flowctl("pull")
    assert not (project.root / "flows/dev/other.yaml").exists()
    assert not (project.root / "flows/dev/_files/a.txt").exists()
    assert (project.root / "flows/dev/_kv.yaml").read_text() == "# limits\nLIMIT: 5 # rows\n"


def test_a_first_import_loses_no_byte_and_is_taken_over_as_it_is(project: Project) -> None:
    project.flowctl("init")
    project.apply()
    (project.root / "flows/dev/hello.yaml").unlink()
    task = "{id: a, type: io.kestra.plugin.core.log.Log, message: x}"
    theirs = f"# why it is here\r\nid: theirs\r\nnamespace: dev.team.etl\r\n\r\ntasks: # two\r\n  - {task}\r\n"
    project.server().request("POST", "/flows", theirs)
    project.server().request("PUT", "/namespaces/dev/kv/LIMIT", '"P1D"')
    project.flowctl("pull", "--all", "--overwrite")
    assert (project.root / "flows/dev/team/etl/theirs.yaml").read_bytes() == theirs.encode()
    assert (project.root / "flows/dev/hello.yaml").exists()
    assert not (project.root / "flows/dev/_kv.yaml").exists()
    project.flowctl("pull", "--all", "--values")
    plan = project.plan()
    assert {change["action"] for change in plan["changes"]} == {"adopt"}
    assert plan["summary"]["adopt"] == 2


def test_on_a_branch_the_files_stay_as_they_are(project: Project) -> None:
    project.flowctl("init")
    commit(project, "one")
    project.apply()
    edit(project, "dev/hello", "defaults: World", "defaults: Mars")
    said = project.flowctl("pull", "--branch", "from-server").err
    assert "Committed to branch from-server" in said
    assert "Mars" not in (project.root / "flows/dev/hello.yaml").read_text()
    assert "F510" in project.flowctl("pull", "--branch", "from-server", code=1).err


WEBHOOK = """\
id: hook
tasks:
  - {id: a, type: io.kestra.plugin.core.log.Log, message: x}
triggers:
  - {id: w, type: io.kestra.plugin.core.trigger.Webhook, key: first-key-of-all}
"""


def test_a_dry_run_shows_no_secret(project: Project) -> None:
    project.flowctl("init")
    project.write("flows/dev/hook.yaml", WEBHOOK)
    project.write("flows/dev/_kv.yaml", "A: alpha-value\nB: beta-value\n")
    project.apply()
    edit(project, "dev/hook", "first-key-of-all", "second-key-of-all")
    for name in "AB":
        project.server().request("PUT", f"/namespaces/dev/kv/{name}", f'"changed-{name}"')
    shown = project.flowctl("pull", "--dry-run").out
    assert "+  - {id: w, type: io.kestra.plugin.core.trigger.Webhook, key: ******" in shown
    assert "~ flows/dev/_kv.yaml  (kv dev:A, kv dev:B)" in shown
    assert not [word for word in ("key-of-all", "alpha", "beta", "changed-") if word in shown]
    project.flowctl("pull")
    assert "second-key-of-all" in (project.root / "flows/dev/hook.yaml").read_text()
    assert (project.root / "flows/dev/_kv.yaml").read_text() == "A: changed-A\nB: changed-B\n"


def test_what_no_file_can_mean_is_left_out_and_nothing_else_is_claimed(project: Project) -> None:
    project.flowctl("init")
    project.apply()
    project.server().request("POST", "/flows", LOG.format(id="under", message="x") + "namespace: dev._x\n")
    said = project.flowctl("pull").err
    assert "the files have every edit of the server's" in said
    assert "Not flowctl's and not looked at: 1. --all takes" in said
    said = project.flowctl("pull", "--all", code=1).err
    assert "left out: flow dev._x/under: no flows are read from a directory called '_x'" in said
    assert "Nothing was taken." in said
    assert not (project.root / "flows/dev/_x").exists()


def test_a_link_and_the_mode_of_a_file_stay(project: Project) -> None:
    project.flowctl("init")
    project.write("shared/linked.yaml", LOG.format(id="linked", message="first"))
    (project.root / "shared/linked.yaml").chmod(0o600)
    link = project.root / "flows/dev/linked.yaml"
    link.symlink_to("../../shared/linked.yaml")
    project.apply()
    edit(project, "dev/linked", "first", "second")
    project.flowctl("pull")
    assert link.is_symlink()
    assert "second" in link.read_text()
    assert link.stat().st_mode & 0o777 == 0o600


def test_a_branch_holds_what_the_server_has_and_nothing_else_of_the_work_tree(project: Project) -> None:
    project.flowctl("init")
    project.write("flows/dev/_kv.yaml", "A: 1\n")
    commit(project, "one")
    project.apply()
    project.server().request("PUT", "/namespaces/dev/kv/A", "2")
    edit(project, "dev/hello", "defaults: World", "defaults: Mars")
    project.write("flows/dev/_kv.yaml", "A: 1\nMINE: 3\n")
    said = project.flowctl("pull", "--branch", "from-server", code=1)
    assert "left out: kv dev:A: flows/dev/_kv.yaml is not committed as it is" in said.err
    shown = subprocess.check_output(["git", "show", "from-server"], cwd=project.root, text=True)
    assert "Mars" in shown
    assert "Take 1 edit of dev from its server" in shown
    assert "MINE" not in shown
    project.flowctl("pull")
    assert (project.root / "flows/dev/_kv.yaml").read_text() == "A: 2\nMINE: 3\n"


def test_who_else_reads_a_changed_file_is_said(project: Project) -> None:
    project.flowctl("init")
    project.apply("dev")
    edit(project, "dev/hello", "defaults: World", "defaults: Mars")
    project.write("environments/other.yaml", "server: bundled\nflows: flows/dev\n")
    project.write("environments/broken.yaml", "server: [\n")
    assert "Note: other reads flows/dev/hello.yaml as well." in project.flowctl("pull", "dev").err


def test_a_file_that_was_never_applied_is_not_written_over_unasked(project: Project) -> None:
    project.flowctl("init")
    project.apply()
    project.server().request("POST", "/flows", LOG.format(id="other", message="theirs") + "namespace: dev\n")
    project.write("flows/dev/other.yaml", LOG.format(id="other", message="mine"))
    said = project.flowctl("pull", "--all", code=1).err
    assert "left out: flow dev/other: its file was never applied; --overwrite takes the server's side" in said
    assert "mine" in (project.root / "flows/dev/other.yaml").read_text()
    project.flowctl("pull", "--all", "--overwrite")
    assert "theirs" in (project.root / "flows/dev/other.yaml").read_text()


def test_flows_whose_names_are_one_on_some_disks_get_a_file_each(project: Project) -> None:
    project.flowctl("init")
    project.apply()
    server = project.server()
    for id_ in ("Twin", "twin", "TWIN"):
        server.request("POST", "/flows", LOG.format(id=id_, message=id_) + "namespace: dev\n")
    for path in ("/Data/x.txt", "/data/y.txt"):
        put_file(project, path)
    said = project.flowctl("pull", "--all", code=1)
    names = {path.name: path.read_text() for path in (project.root / "flows/dev").glob("*win*.yaml")}
    names |= {path.name: path.read_text() for path in (project.root / "flows/dev").glob("*WIN*.yaml")}
    assert sorted(names) == ["TWIN.yaml", "Twin-2.yaml", "twin-3.yaml"]
    for name, id_ in zip(sorted(names), ("TWIN", "Twin", "twin"), strict=True):
        assert f"message: {id_}" in names[name]
    assert "dev/Twin goes to flows/dev/Twin-2.yaml: some disks take its own name for flows/dev/TWIN.yaml" in said.err
    assert "dev:/data/y.txt: disks that do not tell upper and lower case apart take data for Data" in said.err
    assert (project.root / "flows/dev/_files/Data/x.txt").read_text() == "/Data/x.txt"
    assert not (project.root / "flows/dev/_files/data").exists()
    assert [change["action"] for change in project.plan("dev")["changes"]] == ["adopt"] * 4


def put_file(project: Project, path: str) -> None:
    server = project.server()
    httpx.post(
        f"{server.url}/api/v1/main/namespaces/dev/files",
        params={"path": path},
        files={"fileContent": ("x", path.encode())},
        headers={"Authorization": f"Bearer {server.token}"},
    ).raise_for_status()
