"""Plan, apply, drift, promotion, rollback and delete on a server that speaks Kestra's API, by single writes."""

from __future__ import annotations

import json
import subprocess

from tests.live.conftest import Live
from tests.story.project import Outcome

CHILD = """\
# called by the parent
id: child
tasks:
  - id: say
    type: io.kestra.plugin.core.log.Log
    message: hello from the child
"""
PARENT = """\
id: parent
inputs:
  - id: name
    type: STRING
    defaults: World
tasks:
  - id: greet
    type: io.kestra.plugin.core.log.Log
    message: "Hello, {{ inputs.name }}!"   # a remark
  - id: call
    type: io.kestra.plugin.core.flow.Subflow
    namespace: NAMESPACE
    flowId: child
"""


def test_the_whole_story(live: Live) -> None:
    git(live, "init", "-q", "-b", "main")
    first_apply(live)
    runs(live)
    drift(live)
    promotion(live)
    rollback(live)
    farewell(live)


def call(live: Live, *arguments: str, code: int = 0) -> Outcome:
    return live.project.flowctl(*arguments, code=code, **live.auth)


def git(live: Live, *arguments: str) -> None:
    identity = ("-c", "user.name=Ada", "-c", "user.email=ada@example.com")
    subprocess.run(["git", *identity, *arguments], cwd=live.project.root, check=True, capture_output=True)


def source(live: Live, environment: str, flow: str) -> str:
    answer = live.request("GET", f"/flows/{live.prefix}.{environment}/{flow}?source=true")
    assert answer.status_code == 200, answer.text
    return str(answer.json()["source"])


def first_apply(live: Live) -> None:
    live.project.write("flows/staging/child.yaml", CHILD)
    live.project.write("flows/staging/parent.yaml", PARENT.replace("NAMESPACE", f"{live.prefix}.staging"))
    live.project.write("flows/staging/_files/data.csv", "a,b\n1,2\n")
    live.project.write("flows/staging/_kv.yaml", "limit: 10\n")
    git(live, "add", "-A")
    git(live, "commit", "-qm", "first flows")
    plan = call(live, "plan", "staging", "--detailed-exitcode", "--out", "plan.json", code=2)
    assert "Plan: 4 to add, 0 to change, 0 to delete" in plan.out
    call(live, "apply", "plan.json")
    assert "No changes" in call(live, "plan", "staging", "--detailed-exitcode").out
    assert f"namespace: {live.prefix}.staging" in source(live, "staging", "child")
    assert "# called by the parent" in source(live, "staging", "child")


def runs(live: Live) -> None:
    for _ in range(2):
        run = call(live, "run", f"{live.prefix}.staging/parent", "-e", "staging", "--wait", "--json")
        assert json.loads(run.out.splitlines()[-1])["state"]["current"] == "SUCCESS"


def drift(live: Live) -> None:
    edited = source(live, "staging", "parent").replace("Hello,", "Hi,")
    answer = live.request("PUT", f"/flows/{live.prefix}.staging/parent", edited)
    assert answer.status_code == 200, answer.text
    found = call(live, "drift", "staging", code=2)
    assert "tasks[greet].message" in found.out
    call(live, "apply", "staging", "--auto-approve")
    assert "Hello," in source(live, "staging", "parent")
    call(live, "drift", "staging")


def promotion(live: Live) -> None:
    refused = call(live, "promote", "staging", "production", code=1)
    assert "parent" in refused.out
    for _ in range(1):
        call(live, "run", f"{live.prefix}.staging/parent", "-e", "staging", "--wait")
        call(live, "run", f"{live.prefix}.staging/child", "-e", "staging", "--wait")
    call(live, "promote", "staging", "production", "--apply", "--auto-approve")
    promoted = source(live, "production", "parent")
    assert f"namespace: {live.prefix}.production" in promoted
    assert "# a remark" in promoted
    assert f"{live.prefix}.staging" not in promoted


def rollback(live: Live) -> None:
    path = live.project.root / "flows/staging/child.yaml"
    path.write_text(CHILD.replace("hello from", "farewell of"))
    call(live, "apply", "staging", "--auto-approve")
    assert "farewell" in source(live, "staging", "child")
    serials = json.loads(call(live, "history", "staging", "--json").out)
    assert len(serials["applies"]) >= 2
    earlier = sorted(int(one["serial"]) for one in serials["applies"])[-2]
    call(live, "rollback", "staging", "--to", str(earlier), "--auto-approve")
    assert "hello from" in source(live, "staging", "child")


def farewell(live: Live) -> None:
    for environment in ("staging", "production"):
        for path in sorted((live.project.root / "flows" / environment).rglob("*"), reverse=True):
            path.rmdir() if path.is_dir() else path.unlink()
        call(live, "apply", environment, "--auto-approve", "--allow-empty", "--max-deletes", "100%")
        gone = live.request("GET", f"/flows/{live.prefix}.{environment}/child")
        assert gone.status_code == 404
