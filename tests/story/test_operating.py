"""Looking after a running server: executions, triggers, secrets, backups, with the real program and server."""

from __future__ import annotations

import json
import subprocess
import sys
from datetime import datetime

import pytest

from tests.story.project import Project

FLOW = """\
id: job
tasks:
  - id: secret
    type: io.kestra.plugin.core.debug.Return
    format: "{{ secret('PW') }}"
  - id: show
    type: io.kestra.plugin.scripts.shell.Commands
    taskRunner:
      type: io.kestra.plugin.core.runner.Process
    env:
      PW: "{{ outputs.secret.value }}"
    commands:
      - echo "the password is $PW, $(printf %s "$PW" | wc -c) long"
triggers:
  - id: daily
    type: io.kestra.plugin.core.trigger.Schedule
    cron: "0 3 * * *"
"""
ASK = (
    "id: ask\ntasks:\n  - id: p\n    type: io.kestra.plugin.core.flow.Pause\n"
    "    onResume:\n      - {id: why, type: STRING}\n"
    "  - {id: say, type: io.kestra.plugin.core.log.Log, message: 'because {{ outputs.p.onResume.why }}'}\n"
)
PAUSE = "id: wait\ntasks:\n  - id: p\n    type: io.kestra.plugin.core.flow.Pause\n"
TICK = (
    "id: tick\ninputs:\n  - {id: name, type: STRING, defaults: x}\n"
    "tasks:\n  - {id: say, type: io.kestra.plugin.core.log.Log, message: '{{ inputs.name }}'}\n"
    "triggers:\n  - {id: daily, type: io.kestra.plugin.core.trigger.Schedule, cron: '0 3 * * *'}\n"
)
FAIL = "id: fail\ntasks:\n  - id: f\n    type: io.kestra.plugin.core.execution.Fail\n"


@pytest.fixture
def running(project: Project) -> Project:
    project.flowctl("init")
    dev = project.root / "environments/dev.yaml"
    dev.write_text(dev.read_text() + "\npolicy:\n  hazards:\n    H21: warn\n")  # the secret is set later
    project.write("flows/dev/job.yaml", FLOW)
    project.write("flows/dev/wait.yaml", PAUSE)
    project.write("flows/dev/ask.yaml", ASK)
    project.write("flows/dev/fail.yaml", FAIL)
    project.apply()
    return project


def set_secret(project: Project, value: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "flowctl", "secrets", "set", "PW", "--description", "of the database"],
        cwd=project.root,
        input=value,
        capture_output=True,
        text=True,
        check=False,
    )


def rows(project: Project, *arguments: str) -> list[dict[str, object]]:
    found = json.loads(project.flowctl(*arguments, "--json").out)
    return list(found[arguments[0]])


def test_a_secret_is_used_and_never_shown(running: Project) -> None:
    assert set_secret(running, "correct horse\n").returncode == 0
    assert rows(running, "secrets", "list") == [{"namespace": "dev", "key": "PW", "description": "of the database"}]
    run = running.flowctl("run", "dev/job", "--follow")
    assert "the password is ******, 13 long" in run.out
    execution = rows(running, "executions", "list", "--flow", "dev/job")[0]["id"]
    shown = running.flowctl("executions", "show", str(execution), "--json").out
    outputs = json.dumps(running.server().request("GET", f"/outputs/{execution}"))
    log = running.flowctl("executions", "logs", str(execution), "--json").out
    assert "correct horse" not in shown + outputs + log + run.err
    running.flowctl("secrets", "rotate-key")
    assert "SUCCESS" in running.flowctl("executions", "replay", str(execution), "--follow").err
    running.flowctl("secrets", "delete", "PW")
    assert "[C132] there is no secret PW in dev" in running.flowctl("secrets", "delete", "PW", code=1).err
    assert rows(running, "secrets", "list") == []
    assert "FAILED" in running.flowctl("executions", "replay", str(execution), "--follow", code=1).err


def test_an_empty_secret_is_refused(running: Project) -> None:
    refused = set_secret(running, "\n")
    assert (refused.returncode, "C131" in refused.stderr) == (1, True)
    assert "is no name" in running.flowctl("secrets", "set", "two words", code=64).err


def test_a_pause_is_resumed_with_what_it_asks_for(running: Project) -> None:
    waiting = running.flowctl("run", "dev/ask").out.strip()
    assert "Missing required input:why" in running.flowctl("executions", "resume", waiting, code=1).err
    assert "because of rain" in running.flowctl("executions", "resume", waiting, "-i", "why=of rain", "--follow").out


def test_a_misspelt_input_is_said_and_the_flow_runs_without_it(running: Project) -> None:
    said = running.flowctl("run", "dev/hello", "-i", "nam=Ann", "-i", "name=Eve", "--follow")
    assert "Note: dev/hello took no input nam; its inputs are name." in said.err
    assert "Eve" in said.out
    assert "took no input" not in running.flowctl("run", "dev/hello", "-i", "name=Eve").err


def test_executions_are_listed_paused_resumed_killed_and_restarted(running: Project) -> None:
    first = running.flowctl("run", "dev/wait").out.strip()
    assert running.flowctl("executions", "resume", first, "--follow").err.count("SUCCESS") == 1
    second = running.flowctl("run", "dev/wait").out.strip()
    running.flowctl("executions", "kill", second)
    assert "KILLED" in running.flowctl("executions", "logs", second, "--follow", code=3).err
    failed = running.flowctl("run", "dev/fail", "--wait", "--json", code=1).out
    again = json.loads(failed.splitlines()[-1])["id"]
    assert "FAILED" in running.flowctl("executions", "restart", again, "--follow", code=1).err
    states = {row["id"]: row["state"] for row in rows(running, "executions", "list")}
    assert (states[first], states[second], states[again]) == ("SUCCESS", "KILLED", "FAILED")
    assert [row["id"] for row in rows(running, "executions", "list", "--state", "killed")] == [second]
    assert "C119" in running.flowctl("run", "dev/nobody", code=1).err
    assert "C121" in running.flowctl("executions", "show", "nothing", code=1).err
    refused = running.flowctl("executions", "resume", first, code=1).err
    assert f"[C125] cannot resume execution {first}, which is SUCCESS" in refused
    assert "make a new plan" not in refused
    assert "'NOPE' is no state" in running.flowctl("executions", "list", "--state", "killed,nope", code=64).err


def test_what_programs_read_of_executions_states_its_format_and_whole_dates(running: Project) -> None:
    said = running.flowctl("run", "dev/fail", "--follow", "--json", code=1).out
    documents = [json.loads(line) for line in said.splitlines()]
    execution = documents[-1]["id"]
    for command in (("executions", "show"), ("logs",)):
        documents += map(json.loads, running.flowctl(*command, execution, "--json").out.splitlines())
    assert {document["format"] for document in documents} == {"1.0"}
    [row] = rows(running, "executions", "list", "--flow", "dev/fail")
    assert datetime.fromisoformat(str(row["started"])).tzinfo is not None
    assert str(row["took"]).startswith("PT")


def test_a_trigger_is_switched_and_catches_up_on_the_past(running: Project) -> None:
    [row] = rows(running, "triggers", "list", "--flow", "dev/job")
    assert (row["trigger"], row["type"], row["disabled"]) == ("daily", "Schedule", False)
    running.flowctl("triggers", "disable", "dev/job", "daily")
    running.write("flows/dev/job.yaml", FLOW.replace("0 3", "0 4"))
    running.apply()
    assert rows(running, "triggers", "list")[0]["disabled"] is True
    running.flowctl("triggers", "enable", "dev/job", "daily")
    running.flowctl(
        *("triggers", "backfill", "dev/job", "daily", "--label", "why=repair"),
        *("--start", "2026-01-01T00:00:00Z", "--end", "2026-01-03T00:00:00Z"),
    )
    refused = running.flowctl("triggers", "enable", "dev/job", "nothing", code=1)
    assert "C126" in refused.err and "there is no trigger nothing of dev/job" in refused.err
    beginning = ("triggers", "backfill", "dev/job")
    assert "C126" in running.flowctl(*beginning, "nothing", "--start", "2026-01-01", code=1).err
    assert "C127" in running.flowctl(*beginning, "daily", "--start", "yesterday", code=64).err


@pytest.mark.parametrize("dialect", ["1.3", "2.0", "lenient"])
def test_a_backfill_begins_on_a_server_of_either_generation(project: Project, dialect: str) -> None:
    project.flowctl("init")
    project.write("flowctl.yaml", f'dialect: "{dialect}"\n')
    project.write("flows/dev/tick.yaml", TICK)
    project.apply()
    begin = ("triggers", "backfill", "dev/tick", "daily", "--start", "2026-01-01", "--end", "2026-01-03")
    assert rows(project, "triggers", "disable", "dev/tick", "daily")[0]["disabled"] is True
    said = project.flowctl(*begin, "-i", "name=Ann", "-i", "nmae=Eve", "-l", "why=repair").err
    assert "Note: dev/tick took no input nmae; its inputs are name." in said
    assert "the trigger is off" in said
    [row] = rows(project, "triggers", "list")
    assert (row["disabled"], str(row["backfill"])[:19]) == (True, "2026-01-01T03:00:00")
    assert "[C129] trigger daily of dev/tick has a backfill" in project.flowctl(*begin, code=1).err
    assert rows(project, "triggers", "list") == [row]
    [state] = project.server().request("GET", "/triggers/dev/tick")["results"]
    assert [item for item in state["backfill"]["labels"] if item["key"] == "why"] == [{"key": "why", "value": "repair"}]
    assert state["backfill"]["inputs"] == {"name": "Ann", "nmae": "Eve"}
    change = begin[:4]
    assert rows(project, *change, "--pause") == [row | {"paused": True, "next": None}]
    assert rows(project, "triggers", "list")[0]["paused"] is True
    project.flowctl(*change, "--resume")
    assert rows(project, "triggers", "list") == [row]
    assert "own dates go on" in project.flowctl(*change, "--stop").err
    assert rows(project, "triggers", "list")[0]["backfill"] is None
    assert "[C130] trigger daily of dev/tick has no backfill" in project.flowctl(*change, "--pause", code=1).err
    assert "give --start" in project.flowctl(*change, code=64).err
    assert "give --start" in project.flowctl(*change, "--stop", "-i", "a=b", code=64).err
    assert "C126" in project.flowctl("triggers", "backfill", "dev/tick", "none", "--start", "2026-01-01", code=1).err
    assert "C126" in project.flowctl("triggers", "backfill", "dev/tick", "none", "--stop", code=1).err
    assert "C126" in project.flowctl("triggers", "backfill", "dev/none", "none", "--start", "2026-01-01", code=1).err


def test_an_input_that_a_pause_does_not_ask_for_is_said(running: Project) -> None:
    waiting = running.flowctl("run", "dev/ask").out.strip()
    said = running.flowctl("executions", "resume", waiting, "-i", "why=x", "-i", "wy=y").err
    assert "Note: task p of dev/ask took no input wy; its inputs are why." in said


def test_a_backup_brings_everything_back(running: Project) -> None:
    set_secret(running, "value")
    running.flowctl("run", "dev/job", "--follow")
    before = rows(running, "executions", "list")
    running.flowctl("server", "backup", "monday.backup")
    assert "S320" in running.flowctl("server", "backup", "monday.backup", code=1).err
    assert "S303" in running.flowctl("server", "restore", "monday.backup", code=1).err
    running.write("flows/dev/job.yaml", FLOW.replace("daily", "nightly"))
    running.apply()
    running.flowctl("server", "stop")
    running.write("notes.txt", "no backup")
    assert "S321" in running.flowctl("server", "restore", "notes.txt", code=1).err
    running.flowctl("server", "restore", "monday.backup")
    assert rows(running, "executions", "list") == before
    assert rows(running, "triggers", "list")[0]["trigger"] == "daily"
    assert "SUCCESS" in running.flowctl("run", "dev/job", "--follow").err
