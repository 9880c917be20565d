"""In a workspace with two environments, what a message says to type can be typed as it stands."""

from __future__ import annotations

import re
import shlex

import pytest

from tests.story.project import Outcome, Project

FLOW = """\
id: tick
tasks:
  - {id: say, type: io.kestra.plugin.core.execution.Fail, condition: "{{ true }}"}
triggers:
  - {id: daily, type: io.kestra.plugin.core.trigger.Schedule, cron: '0 3 * * *', disabled: true}
"""
COMMAND = re.compile(r"flowctl ((?:logs|executions|triggers|plan)\b[^`;,\n]*)")
BEGIN = ("triggers", "backfill", "staging:staging/tick", "daily", "--start", "2026-01-01", "--end", "2026-01-03")


def typed(project: Project, outcome: Outcome, count: int = 1) -> str:
    """Type each command that was hinted at, in another shell; returns what they printed."""
    found = COMMAND.findall(outcome.err)
    assert len(found) == count, outcome.err
    said = ""
    for command in found:
        code = 1 if command.startswith("logs") and "--follow" in command else 0
        ended = project.flowctl(*shlex.split(command), code=code)
        said += ended.out + ended.err
    return said


@pytest.fixture
def two(project: Project) -> Project:
    """Two environments, neither the default; `staging` is applied."""
    for name in ("dev", "staging"):
        project.write(f"environments/{name}.yaml", "server: bundled\n")
        project.write(f"flows/{name}/tick.yaml", FLOW)
    project.apply("staging")
    return project


def test_what_was_started_or_failed_names_the_command_for_its_log(two: Project) -> None:
    started = two.flowctl("run", "staging:staging/tick")
    assert f"Execution {started.out.strip()} of staging/tick: FAILED" in typed(two, started)
    failed = two.flowctl("run", "staging/tick", "-e", "staging", "--wait", code=1)
    assert "ERROR say" in typed(two, failed)
    execution = started.out.strip()
    assert "staging/tick" in typed(two, two.flowctl("executions", "resume", execution, "-e", "staging", code=1))
    followed = two.flowctl("logs", execution, "--follow", FLOWCTL_ENV="staging", code=1)
    assert "ERROR say" in typed(two, followed)


def test_what_is_not_there_names_the_command_that_lists_what_is(two: Project) -> None:
    assert "files of staging" in typed(two, two.flowctl("run", "staging:staging/tock", code=1))
    assert "daily" in typed(two, two.flowctl("triggers", "enable", "staging:staging/tick", "none", code=1))
    assert "daily" in typed(two, two.flowctl(*BEGIN[:3], "none", *BEGIN[4:], code=1))
    missing = two.flowctl("secrets", "delete", "PW", "-e", "staging", code=1)
    assert "flowctl secrets list -e staging" in missing.err
    empty = two.flowctl("secrets", "set", "PW", "-e", "staging", "-n", "staging.a", code=1)
    assert "flowctl secrets set PW -n staging.a -e staging" in empty.err


def test_a_backfill_names_the_commands_that_show_it_and_switch_its_trigger_on(two: Project) -> None:
    two.flowctl("triggers", "disable", "staging:staging/tick", "daily")
    begun = two.flowctl(*BEGIN)
    assert "staging/tick" in typed(two, begun, count=2)
    again = two.flowctl(*BEGIN, code=1)
    assert "daily" in typed(two, again)


def test_without_git_a_serial_that_never_was_is_said_to_be_none_and_a_commit_leads_to_the_serials(two: Project) -> None:
    never = two.flowctl("rollback", "staging", "--to", "9", code=1).err
    assert "[P120] cannot go back to serial 9" in never and "the serials go from 1 to 1" in never
    commit = two.flowctl("rollback", "staging", "--to", "v1.0", code=1).err
    assert "[F501]" in commit and "`flowctl history staging` lists the serials" in commit
    assert "leave the option out" not in commit


def test_the_command_after_a_plan_does_what_the_plan_showed(two: Project) -> None:
    two.write("flows/staging/more.yaml", FLOW.replace("tick", "more"))
    two.write("flows/staging/tick.yaml", FLOW.replace("0 3", "0 4"))
    chosen = two.flowctl("plan", "staging", "--select", "staging/m*")
    assert "Not saved: `flowctl apply staging --select 'staging/m*'` plans again." in chosen.err
    saved = two.flowctl("plan", "staging", "--exclude", "*/tick", "--out", "to morrow's.json")
    command = saved.err.rpartition("To do exactly this: flowctl ")[2].strip()
    assert "1 added, 0 changed" in two.flowctl(*shlex.split(command), "--auto-approve").out
    back = two.flowctl("rollback", "staging", "--to", "1", "--exclude", "*/tick", "--dry-run")
    assert "Not saved: `flowctl rollback staging --to 1 --exclude '*/tick'` plans again." in back.err
