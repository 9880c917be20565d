"""The workflows are read as GitHub reads them: pinned, least privilege, nothing of a stranger's in a script."""

from __future__ import annotations

import os
import re
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import click
import pytest
import yaml

from flowctl.cli.main import cli

ROOT = Path(__file__).parents[2]
WORKFLOWS = sorted((ROOT / ".github/workflows").glob("*.yml"))
ACTION = ROOT / "action.yml"
PINNED = re.compile(r"[\w.-]+/[\w./-]+@[0-9a-f]{40}")
WRITES = {
    "ci.yml": set(),
    "plan.yml": {("plan", "pull-requests"), ("withdraw", "pull-requests")},
    "apply.yml": {("reviewed", "pull-requests")},
    "drift.yml": {("drift", "issues")},
    "promote.yml": {("promote", "contents"), ("promote", "pull-requests")},
}


def read(path: Path) -> dict[str, Any]:
    found = yaml.load(path.read_text(), yaml.BaseLoader)
    assert isinstance(found, dict)
    return found


def steps(path: Path) -> Iterator[dict[str, Any]]:
    value = read(path)
    jobs = value["jobs"].values() if "jobs" in value else [value["runs"]]
    for job in jobs:
        yield from job["steps"]


def named(path: Path) -> str:
    return path.name


@pytest.mark.parametrize("path", [*WORKFLOWS, ACTION], ids=named)
def test_every_foreign_action_is_pinned_to_a_commit_with_its_version_beside_it(path: Path) -> None:
    for step in steps(path):
        uses = step.get("uses")
        assert uses is None or uses == "./" or PINNED.fullmatch(uses), uses
    for line in path.read_text().splitlines():
        assert "@" not in line or "uses:" not in line or re.search(r"# v\d+\.\d+\.\d+$", line), line


@pytest.mark.parametrize("path", WORKFLOWS, ids=named)
def test_a_workflow_may_do_nothing_and_each_job_what_it_needs(path: Path) -> None:
    value = read(path)
    assert value["permissions"] == {}
    writes = set()
    for name, job in value["jobs"].items():
        assert "permissions" in job, name
        assert int(job["timeout-minutes"]) <= 30
        writes |= {(name, place) for place, access in job["permissions"].items() if access == "write"}
    assert writes == WRITES[path.name]


@pytest.mark.parametrize("path", [*WORKFLOWS, ACTION], ids=named)
def test_no_expression_stands_in_a_script(path: Path) -> None:
    """What a stranger can name (a branch, a title) would run as a command there; it goes through a variable."""
    allowed = re.compile(r"\$\{\{\s*(github\.workflow|matrix\.\w+)\s*}}")
    for step in steps(path):
        script = allowed.sub("", str(step.get("run", "")))
        assert "${{" not in script, script


@pytest.mark.parametrize("path", WORKFLOWS, ids=named)
def test_credentials_are_left_in_the_work_tree_only_where_something_is_pushed(path: Path) -> None:
    for step in steps(path):
        if str(step.get("uses", "")).startswith("actions/checkout@") and path.name != "promote.yml":
            assert step["with"]["persist-credentials"] == "false"


def test_a_job_that_asks_a_server_has_the_whole_history_where_pinned_flows_are_found() -> None:
    for path in WORKFLOWS:
        for job in read(path)["jobs"].values():
            if not re.search(r"flowctl (plan|apply|drift|promote) ", str(job)):
                continue
            [checkout] = [step for step in job["steps"] if str(step.get("uses", "")).startswith("actions/checkout@")]
            assert checkout["with"]["fetch-depth"] == "0", path.name
    assert yaml.safe_load((ROOT / "docs/gitlab-ci.yml").read_text())[".flowctl"]["variables"]["GIT_DEPTH"] == "0"


def test_only_a_plan_that_was_stopped_waits_for_approval_and_holds_nothing_back() -> None:
    jobs = read(ROOT / ".github/workflows/apply.yml")["jobs"]
    assert jobs["approved"]["strategy"]["matrix"]["environment"] == "${{ fromJSON(needs.stopped.outputs.names) }}"
    assert "needs.stopped.outputs.names != '[]'" in jobs["approved"]["if"]
    assert "!cancelled()" in jobs["stopped"]["if"], "an apply that fails elsewhere takes nobody's approval away"
    assert "concurrency" not in jobs["approved"], "a job that waits for approval keeps its group"


def test_a_promotion_is_pushed_and_opened_with_the_same_token() -> None:
    """Git's push and the request; the token of the workflow itself starts no other workflow."""
    [job] = read(ROOT / ".github/workflows/promote.yml")["jobs"].values()
    checkout, promote = job["steps"][0], job["steps"][-1]
    assert checkout["with"]["token"] == promote["env"]["GITHUB_TOKEN"]
    assert "secrets.FLOWCTL_PULL_REQUEST_TOKEN ||" in promote["env"]["GITHUB_TOKEN"]


def test_a_fork_gets_no_secret() -> None:
    job = read(ROOT / ".github/workflows/plan.yml")["jobs"]["plan"]
    assert "head.repo.full_name == github.repository" in job["if"]
    assert "pull_request_target" not in (ROOT / ".github/workflows/plan.yml").read_text()


def test_the_last_file_of_an_environment_that_leaves_a_request_does_not_leave_its_comment_stale() -> None:
    value = read(ROOT / ".github/workflows/plan.yml")
    assert "paths" not in (value["on"]["pull_request"] or {}), "it runs too when no file of an environment is left"
    job = value["jobs"]["withdraw"]
    assert job["permissions"] == {"contents": "read", "pull-requests": "write"}
    assert "names != '[]'" not in job["if"]
    assert "head.repo.full_name == github.repository" in job["if"], "the token of a fork may not write"
    assert "flowctl ci withdraw --changed-since" in job["steps"][-1]["run"]
    assert "secrets." not in str(job), "no server is asked"


def command_lines() -> Iterator[tuple[str, list[str]]]:
    for path in [*WORKFLOWS, ROOT / "docs/gitlab-ci.yml"]:
        for match in re.finditer(r"(?<![\w./-])flowctl ((?:[a-z]+ ?)+)([^|>\n)&;]*)", path.read_text()):
            if "pip" not in match[0] and "==" not in match[0]:
                words = re.sub(r"\$\{\w+:\+([^}]*)}", r"\1", match[0]).replace('"', "").split()[1:]
                yield path.name, words


@pytest.mark.parametrize(("where", "words"), list(command_lines()))
def test_every_command_and_option_of_a_workflow_exists(where: str, words: list[str]) -> None:
    command: click.Command = cli
    context = click.Context(cli)
    while isinstance(command, click.Group) and words and not words[0].startswith("-"):
        found = command.get_command(context, words.pop(0))
        assert found is not None, f"{where}: {words}"
        command = found
    known = {name for parameter in command.params for name in parameter.opts}
    assert {word for word in words if word.startswith("--")} <= known, where


def run_of_action(tmp_path: Path, arguments: str) -> subprocess.CompletedProcess[str]:
    """The action's last step with a flowctl that prints each word it was given on a line of its own."""
    program = tmp_path / "flowctl"
    program.write_text("#!/bin/sh\nprintf '<%s>\\n' \"$@\"\nexit 3\n")
    program.chmod(0o755)
    script = list(steps(ACTION))[-1]["run"]
    environ = {**os.environ, "PATH": f"{tmp_path}{os.pathsep}{os.environ['PATH']}", "ARGUMENTS": arguments}
    return subprocess.run(["bash", "-e", "-c", script], env=environ, cwd=tmp_path, text=True, capture_output=True)


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ("plan staging --out staging.json", ["plan", "staging", "--out", "staging.json"]),
        ("unlock dev --reason \"two words\" 'and more'", ["unlock", "dev", "--reason", "two words", "and more"]),
        ("plan staging\n  --select 'dev/*'\n", ["plan", "staging", "--select", "dev/*"]),
        ('plan $(touch made) `touch made` ; touch made "$HOME" *', None),
    ],
    ids=["one line", "quotes", "lines", "no shell"],
)
def test_the_action_takes_quoted_arguments_and_gives_none_to_a_shell(
    tmp_path: Path, arguments: str, words: list[str] | None
) -> None:
    done = run_of_action(tmp_path, arguments)
    expected = words or ["plan", "$(touch", "made)", "`touch", "made`", ";", "touch", "made", "$HOME", "*"]
    assert done.stdout.splitlines() == [f"<{word}>" for word in expected], done.stderr
    assert done.returncode == 3, "the exit code is flowctl's"
    assert not (tmp_path / "made").exists()


def test_the_action_says_when_a_quote_is_left_open(tmp_path: Path) -> None:
    done = run_of_action(tmp_path, 'plan staging --out "staging.json')
    assert done.returncode == 1 and done.stdout == ""
    assert done.stderr == "the input `run` cannot be read: No closing quotation\n"


def run_of_gitlab(tmp_path: Path, same: int) -> subprocess.CompletedProcess[str]:
    """The template's job `apply`, as GitLab runs it, with a flowctl that says what it is asked."""
    program = tmp_path / "flowctl"
    program.write_text(f"""#!/bin/sh
echo "flowctl $*" >> asked
case "$1 $2" in
  "ci reviewed") echo 7;;
  "plan staging") echo "a plan" > now.json;;
  "ci same") echo "flow dev/a was not reviewed"; exit {same};;
esac
""")
    program.chmod(0o755)
    lines = yaml.safe_load((ROOT / "docs/gitlab-ci.yml").read_text())["apply"]["script"]
    environ = {**os.environ, "PATH": f"{tmp_path}{os.pathsep}{os.environ['PATH']}", "ENVIRONMENT": "staging"}
    return subprocess.run(
        ["bash", "-eo", "pipefail", "-c", "\n".join(lines)], env=environ, cwd=tmp_path, text=True, capture_output=True
    )


def test_gitlab_applies_the_plan_that_was_reviewed(tmp_path: Path) -> None:
    assert run_of_gitlab(tmp_path, same=0).returncode == 0
    assert (tmp_path / "asked").read_text().splitlines() == [
        "flowctl ci reviewed staging --out reviewed.json",
        "flowctl plan staging --out now.json",
        "flowctl ci same reviewed.json now.json",
        "flowctl apply now.json --lock-timeout 10m",
    ]
    assert not (tmp_path / "staging.now.json").exists()


def test_gitlab_applies_no_other_plan_but_keeps_it_for_approval(tmp_path: Path) -> None:
    job = yaml.safe_load((ROOT / "docs/gitlab-ci.yml").read_text())
    stopped = run_of_gitlab(tmp_path, same=1)
    assert stopped.returncode == job["apply"]["allow_failure"]["exit_codes"], "the stage after it goes on"
    asked = (tmp_path / "asked").read_text()
    assert "flowctl apply" not in asked
    assert "flowctl ci comment --text stopped.md --about staging --pull-request 7 --to gitlab" in asked
    assert "- flow dev/a was not reviewed" in (tmp_path / "stopped.md").read_text()
    assert (tmp_path / "staging.now.json").read_text() == "a plan\n"
    assert job["approved"]["rules"][0]["when"] == "manual"
    assert job["approved"]["script"] == ['flowctl apply "$ENVIRONMENT.now.json" --lock-timeout 10m']


def test_the_pre_commit_hook_runs_a_command_that_exists() -> None:
    [hook] = yaml.safe_load((ROOT / ".pre-commit-hooks.yaml").read_text())
    assert hook["entry"] == "flowctl validate"
    assert re.match(hook["files"], "flows/dev/a.yaml")
    assert not re.match(hook["files"], "docs/a.yaml")
