"""What a newcomer does in the first hour, with the real program and the real server."""

from __future__ import annotations

import json
from pathlib import Path

import httpx
import pytest

from tests.story.project import Project

SECOND = """\
id: second
tasks:
  - id: done
    type: io.kestra.plugin.core.debug.Return
    format: second
"""


def test_from_an_empty_directory_to_a_flow_that_has_run(project: Project) -> None:
    project.flowctl("init")
    first = project.flowctl("plan", "--detailed-exitcode", code=2)
    assert "+ flow dev/hello" in first.out
    assert "Plan: 1 to add, 0 to change, 0 to delete" in first.out
    applied = project.apply()
    assert "flow dev/hello" in applied.out + applied.err
    assert "1 added" in applied.out + applied.err
    assert "No changes" in project.flowctl("plan", "--detailed-exitcode").out
    run = project.flowctl("run", "dev/hello", "-i", "name=Ada", "--follow")
    assert "Hello, Ada!" in run.out
    assert "SUCCESS" in run.err


def test_an_edit_is_shown_at_its_place_and_makes_a_new_revision(project: Project) -> None:
    project.flowctl("init")
    project.apply()
    path = project.root / "flows/dev/hello.yaml"
    path.write_text(path.read_text().replace("Hello,", "Good morning,"))
    plan = project.flowctl("plan", "--diff")
    assert "~ flow dev/hello" in plan.out
    assert "tasks[greet].message" in plan.out
    assert '"Hello, {{ inputs.name }}!"' in plan.out
    assert "+    message: Good morning, {{ inputs.name }}!" in plan.out.replace("      +", "+").replace("     +", "+")
    project.apply()
    flow = json.loads(project.flowctl("show", "dev/hello", "--json").out)
    assert flow["revision"] == 2
    assert "Good morning" in flow["source"]


def test_a_change_on_the_server_is_drift_and_apply_takes_it_back(project: Project) -> None:
    project.flowctl("init")
    project.apply()
    source = json.loads(project.flowctl("show", "dev/hello", "--json").out)["source"]
    project.server().request("PUT", "/flows/dev/hello", source.replace("World", "Mars"))
    plan = project.flowctl("plan", "--detailed-exitcode", code=2)
    assert "changed on the server" in plan.out
    assert "inputs[name].defaults" in plan.out
    project.apply()
    assert project.plan()["changes"] == []
    assert json.loads(project.flowctl("show", "dev/hello", "--json").out)["source"] == source


def test_a_file_that_goes_takes_its_flow_with_it(project: Project) -> None:
    project.flowctl("init")
    project.write("flows/dev/second.yaml", SECOND)
    project.apply()
    (project.root / "flows/dev/second.yaml").unlink()
    assert "- flow dev/second" in project.flowctl("plan").out
    project.apply()
    with pytest.raises(httpx.HTTPStatusError, match="404"):
        project.server().request("GET", "/flows/dev/second")


def test_what_others_made_is_left_alone_until_it_is_adopted(project: Project) -> None:
    project.flowctl("init")
    project.apply()
    project.server().request("POST", "/flows", SECOND.replace("id: second\n", "id: second\nnamespace: dev\n"))
    assert "1 unmanaged" in project.flowctl("plan", "--detailed-exitcode").out
    assert "flow dev/second" in project.flowctl("plan", "--unmanaged").out
    project.write("flows/dev/second.yaml", SECOND.replace("format: second", "format: ours"))
    refused = project.flowctl("plan", code=1)
    assert "P101" in refused.out
    assert project.apply(code=1)
    project.flowctl("adopt", "dev", "dev/second", "--auto-approve")
    assert project.plan()["changes"] == []
    assert "format: ours" in project.server().request("GET", "/flows/dev/second?source=true")["source"]


def test_files_and_key_values_are_deployed_like_flows(project: Project) -> None:
    project.flowctl("init")
    project.write("flows/dev/_files/data/a.csv", "a,b\n1,2\n")
    project.write("flows/dev/_kv.yaml", "colour: blue\ntoken:\n  value: !env STORY_TOKEN\n")
    project.apply(code=1)
    said = project.flowctl("apply", "--auto-approve", STORY_TOKEN="very-secret")
    assert "very-secret" not in said.out + said.err
    assert project.server().request("GET", "/namespaces/dev/kv/colour")["value"] == "blue"
    plan = json.loads(project.flowctl("plan", "--json", STORY_TOKEN="very-secret").out)
    assert plan["changes"] == []
    (project.root / "flows/dev/_files/data/a.csv").unlink()
    assert "- file dev:/data/a.csv" in project.flowctl("plan", STORY_TOKEN="very-secret").out


def test_a_saved_plan_is_done_exactly_and_once(project: Project) -> None:
    project.flowctl("init")
    saved = project.flowctl("plan", "--out", "plan.json")
    assert "flowctl apply plan.json" in saved.err
    assert "+ flow dev/hello" in project.flowctl("show", "plan.json").out
    project.write("flows/dev/second.yaml", SECOND)
    project.flowctl("apply", "plan.json")
    assert [change["object"] for change in project.plan()["changes"]] == ["flow dev/second"]
    again = project.flowctl("apply", "plan.json", code=1)
    assert "P2" in again.err


def test_a_plan_that_was_edited_by_hand_is_refused(project: Project) -> None:
    project.flowctl("init")
    project.flowctl("plan", "--out", "plan.json")
    path = project.root / "plan.json"
    path.write_text(path.read_text().replace("Hello, ", "Bye, "))
    assert "P2" in project.flowctl("apply", "plan.json", code=1).err
    assert project.plan()["changes"]


def test_without_a_terminal_nothing_is_applied_unasked(project: Project) -> None:
    project.flowctl("init")
    refused = project.flowctl("apply", code=1)
    assert "[C104]" in refused.err
    assert "--auto-approve" in refused.err
    assert project.plan()["changes"]


def test_unsound_files_stop_before_a_server_is_started(project: Project) -> None:
    project.flowctl("init")
    project.write("flows/dev/second.yaml", SECOND.replace("type:", "tipe:"))
    project.write("flows/dev/third.yaml", "id: [")
    result = project.flowctl("plan", code=1)
    assert "flows/dev/third.yaml:2" in result.err
    assert not (project.root / ".flowctl/server.json").exists()


def test_environments_share_the_server_and_not_each_other(project: Project) -> None:
    project.flowctl("init", "dev")
    project.flowctl("init", "staging")
    assert "[C103]" in project.flowctl("plan", code=64).err
    project.apply("dev")
    assert project.plan("dev")["changes"] == []
    assert len(project.plan("staging")["changes"]) == 1
    assert project.flowctl("plan", "--detailed-exitcode", FLOWCTL_ENV="dev").code == 0


def test_a_selection_applies_no_more_than_it_names(project: Project) -> None:
    project.flowctl("init")
    project.write("flows/dev/second.yaml", SECOND)
    project.apply("--select", "dev/second")
    assert [change["object"] for change in project.plan()["changes"]] == ["flow dev/hello"]


def test_too_many_deletes_need_a_word(project: Project) -> None:
    project.flowctl("init")
    for number in range(12):
        project.write(f"flows/dev/n{number}.yaml", SECOND.replace("id: second", f"id: n{number}"))
    project.apply()
    for number in range(8):
        (project.root / f"flows/dev/n{number}.yaml").unlink()
    refused = project.apply(code=1)
    assert "--max-deletes" in refused.out + refused.err
    project.apply("--max-deletes", "8")
    assert project.plan()["changes"] == []


def test_validate_reports_every_environment(project: Project, tmp_path: Path) -> None:
    project.flowctl("init", "dev")
    project.flowctl("init", "staging")
    project.write("flows/staging/broken.yaml", "id: broken\ntasks:\n  - null\n")
    result = project.flowctl("validate", code=1)
    assert "dev: sound" in result.out
    assert "staging: 1 error" in result.out
    assert "flows/staging/broken.yaml:3" in result.err


@pytest.mark.parametrize(
    ("text", "code", "where"),
    [
        ("port: many\n", "F135", "flowctl.yaml:1:7"),
        ("environmnt: dev\n", "F106", "flowctl.yaml:1:1"),
        ("environment: prod\n", "F103", "flowctl.yaml"),
    ],
)
def test_validate_looks_at_the_settings_of_the_workspace(project: Project, text: str, code: str, where: str) -> None:
    project.flowctl("init", "dev")
    project.write("flowctl.yaml", text)
    result = project.flowctl("validate", code=1)
    assert result.out == "flowctl.yaml: 1 error\ndev: sound (1 flow, 0 files, 0 key-values)\n"
    assert f"[{code}]" in result.err and f"--> {where}" in result.err
    told = json.loads(project.flowctl("validate", "--json", code=1).out)
    assert told["settings"]["sound"] is False
    assert [one["code"] for one in told["settings"]["diagnostics"]] == [code]
    assert [one["sound"] for one in told["environments"]] == [True]


def test_an_option_without_what_it_belongs_to_is_refused(project: Project) -> None:
    project.flowctl("init")
    project.apply()
    for option in (("--markdown",), ("--diff",), ("--unmanaged",), ("--format", "terraform-json")):
        assert f"[C128] {option[0]} shows plans" in project.flowctl("show", "dev/hello", *option, code=64).err
    assert "[C128] --values goes with --all" in project.flowctl("pull", "--values", code=64).err


def test_a_digest_of_digits_alone_is_to_be_put_in_quotes(project: Project) -> None:
    project.flowctl("init")
    path = project.root / "environments/dev.yaml"
    path.write_text(path.read_text() + "pins: {dev/hello: 12345678}\n")
    assert "8 to 64 hexadecimal digits, in quotes" in project.flowctl("validate", code=1).err


def test_validate_without_an_environment_says_so(project: Project) -> None:
    (project.root / "environments").mkdir()
    assert "there is no environment yet" in project.flowctl("validate").err


def test_the_files_are_checked_by_the_rules_of_the_workspaces_dialect(project: Project) -> None:
    project.flowctl("init", "dev")
    inner = "{id: x, type: io.kestra.plugin.core.log.Log, message: hi}"
    task = f"{{id: t, type: io.kestra.plugin.core.flow.Loop, values: '[1]', tasks: [{inner}]}}"
    project.write("flows/dev/loop.yaml", f"id: loop\ntasks:\n  - {task}\n")
    assert "F313" not in project.flowctl("validate").err
    project.write("flowctl.yaml", "dialect: '1.3'\n")
    assert "F313" in project.flowctl("validate").err
    path = project.root / "environments/dev.yaml"
    path.write_text(path.read_text() + "dialect: lenient\n")
    assert "F313" not in project.flowctl("validate").err


@pytest.mark.parametrize(
    ("options", "batch"),
    [((), True), (("--parallelism", "2"), False), (("--fail-fast",), False), (("--rollback-on-error",), False)],
)
def test_options_of_single_writes_select_them(project: Project, options: tuple[str, ...], batch: bool) -> None:
    project.flowctl("init")
    said = project.flowctl("apply", "--auto-approve", "--verbose", *options).err
    assert ("POST /api/v1/main/flows 200" in said) is not batch
    assert "No changes" in project.flowctl("plan").out


def test_adopt_takes_over_and_applies_nothing_else(project: Project) -> None:
    project.flowctl("init")
    task = "tasks: [{id: t, type: io.kestra.plugin.core.log.Log, message: MESSAGE}]\n"
    for name in ("mine", "gone"):
        project.write(f"flows/dev/{name}.yaml", f"id: {name}\n{task}")
    project.apply()
    assert "Nothing to take over" in project.flowctl("adopt", "dev", "--all").err
    for name in ("equal", "other"):
        project.server().request("POST", "/flows", f"id: {name}\nnamespace: dev\n{task}")
    project.write("flows/dev/equal.yaml", f"id: equal\nnamespace: dev\n{task}")
    project.write("flows/dev/other.yaml", f"id: other\nnamespace: dev\n{task.replace('MESSAGE', 'x')}")
    project.write("flows/dev/mine.yaml", f"id: mine\n{task.replace('MESSAGE', 'x')}")
    project.write("flows/dev/new.yaml", "id: new\ntasks: [{id: u, type: io.kestra.plugin.core.execution.Fail}]\n")
    (project.root / "flows/dev/gone.yaml").unlink()
    assert "P107" in project.flowctl("adopt", "dev", "dev/nobody", code=1).out
    done = project.flowctl("adopt", "dev", "--all", "--auto-approve").out
    assert "Apply complete! 0 added, 1 changed, 0 deleted, 1 adopted." in done
    assert {change["object"] for change in project.plan("dev", "--max-deletes", "1")["changes"]} == {
        "flow dev/mine",
        "flow dev/new",
        "flow dev/gone",
    }
    assert "Nothing to take over" in project.flowctl("adopt", "dev", "dev/mine", "--auto-approve").err
