"""What the workflows call, with the real program; the forge is a local stand-in on a loopback port."""

from __future__ import annotations

import json
import subprocess
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any, Generic, TypeVar

import httpx
import pytest

from tests.ci.forges import GitHub, GitLab
from tests.story.project import Project

F = TypeVar("F", GitHub, GitLab)


class Stand(Generic[F]):
    """A forge's stand-in, served."""

    def __init__(self, hub: F) -> None:
        self.hub = hub

        class Handler(BaseHTTPRequestHandler):
            def handle_any(self) -> None:
                size = int(self.headers.get("content-length") or 0)
                asked = httpx.Request(
                    self.command, f"http://hub{self.path}", headers=dict(self.headers), content=self.rfile.read(size)
                )
                answer = hub.answer(asked)
                self.send_response(answer.status_code)
                self.send_header("Content-Type", "application/json")
                self.send_header("Content-Length", str(len(answer.content)))
                self.end_headers()
                self.wfile.write(answer.content)

            do_GET = do_POST = do_PATCH = handle_any

            def log_message(self, *_: object) -> None:
                """Quiet."""

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self._server.server_address[1]}"
        threading.Thread(target=self._server.serve_forever, daemon=True).start()

    def close(self) -> None:
        self._server.shutdown()
        self._server.server_close()


@pytest.fixture
def stand() -> Iterator[Stand[GitHub]]:
    made = Stand(GitHub())
    yield made
    made.close()


def job(stand: Stand[GitHub], folder: Path) -> dict[str, str]:
    event = folder / "event.json"
    event.write_text(json.dumps({"pull_request": {"number": 7}}))
    return {
        "GITHUB_ACTIONS": "true",
        "GITHUB_TOKEN": "secret-token",
        "GITHUB_REPOSITORY": "me/flows",
        "GITHUB_RUN_ID": "42",
        "GITHUB_SERVER_URL": "https://hub.example",
        "GITHUB_API_URL": stand.url,
        "GITHUB_EVENT_PATH": str(event),
        "GITHUB_STEP_SUMMARY": str(folder / "summary.md"),
    }


def test_one_comment_is_kept_up_to_date(project: Project, stand: Stand[GitHub], tmp_path: Path) -> None:
    project.flowctl("init")
    environ = job(stand, tmp_path)
    project.flowctl("plan", "--out", "plan.json")
    said = project.flowctl("ci", "comment", "plan.json", **environ)
    assert "/pull/7#issuecomment-1" in said.err
    [comment] = stand.hub.rows["comments/7"]
    assert str(comment["body"]).startswith("<!-- flowctl:plan:dev -->\n")
    assert "dev/hello" in str(comment["body"])
    assert "dev/hello" in (tmp_path / "summary.md").read_text()
    assert str(comment["body"]).endswith(
        "\n[The job that made this plan](https://hub.example/me/flows/actions/runs/42)\n"
    )
    project.apply()
    project.flowctl("plan", "--out", "later.json")
    project.flowctl("ci", "comment", "later.json", **environ)
    assert len(stand.hub.rows["comments/7"]) == 1
    assert "No changes" in str(stand.hub.rows["comments/7"][0]["body"])


def test_a_token_that_may_not_write_is_said_without_showing_it(
    project: Project, stand: Stand[GitHub], tmp_path: Path
) -> None:
    project.flowctl("init")
    project.flowctl("plan", "--out", "plan.json")
    environ = {**job(stand, tmp_path), "GITHUB_TOKEN": "wrong-token"}
    refused = project.flowctl("ci", "comment", "plan.json", code=1, **environ)
    assert "C141" in refused.err
    assert "wrong-token" not in refused.err + refused.out


def test_an_issue_about_drift_is_opened_and_closed(project: Project, stand: Stand[GitHub], tmp_path: Path) -> None:
    environ = job(stand, tmp_path)
    project.write("drift.md", "flow dev/hello was changed\n")
    project.write("nothing.md", "\n")
    project.flowctl("ci", "issue", "--about", "dev", "--text", "drift.md", **environ)
    project.flowctl("ci", "issue", "--about", "dev", "--text", "nothing.md", **environ)
    project.flowctl("ci", "issue", "--about", "dev", "--text", "nothing.md", **environ)
    assert [issue["state"] for issue in stand.hub.rows["issues"]] == ["closed"]


def document(project: Project, *arguments: str, code: int = 0, **environ: str) -> dict[str, Any]:
    """What a command prints with `--json`; nothing else is said."""
    done = project.flowctl(*arguments, "--json", code=code, **environ)
    assert done.err == ""
    found = json.loads(done.out)
    assert isinstance(found, dict)
    return found


def test_programs_are_told_where_comments_and_issues_are(
    committed: Project, stand: Stand[GitHub], tmp_path: Path
) -> None:
    environ = job(stand, tmp_path)
    committed.write("said.md", "All is well.\n")
    committed.write("nothing.md", "\n")
    about = ("--about", "staging", "--text")
    kept = document(committed, "ci", "comment", *about, "said.md", **environ)
    [comment] = kept.pop("comments")
    assert kept == {"format": "1.0", "kind": "comments"}
    assert comment["environment"] == "staging" and comment["comment"].endswith("/pull/7#issuecomment-1")
    opened, closed, none = (
        document(committed, "ci", "issue", *about, text, **environ) for text in ("said.md", "nothing.md", "nothing.md")
    )
    assert [one["state"] for one in (opened, closed, none)] == ["open", "closed", "none"]
    assert opened["issue"] == closed["issue"] and none["issue"] is None
    gone = document(committed, "ci", "withdraw", "--changed-since", "HEAD", **environ)
    assert gone == {"format": "1.0", "kind": "withdrawn", "environments": []}


def test_programs_are_told_which_request_a_reviewed_plan_is_of(project: Project) -> None:
    stand, commit = Stand(GitLab()), "c" * 40
    merged = {"iid": 7, "state": "merged", "sha": commit, "merge_commit_sha": None, "squash_commit_sha": None}
    stand.hub.rows["requests"] = [{**merged, "head_pipeline": {"id": 70}}]
    stand.hub.rows["jobs/70"] = [{"id": 701, "name": "plan", "status": "success"}]
    stand.hub.files["701/staging.json"] = b"the plan"
    environ = {"GITLAB_TOKEN": "secret-token", "CI_API_V4_URL": f"{stand.url}/api/v4"}
    environ |= {"CI_PROJECT_ID": "group/flows", "CI_COMMIT_SHA": commit}
    fetch = ("ci", "reviewed", "staging", "--out", "reviewed.json")
    assert project.flowctl(*fetch, **environ).out == "7\n"
    found = document(project, *fetch, **environ)
    stand.close()
    named = {"environment": "staging", "mergeRequest": 7, "file": "reviewed.json"}
    assert found == {"format": "1.0", "kind": "reviewed", **named}
    assert (project.root / "reviewed.json").read_bytes() == b"the plan"


def test_plans_are_compared(project: Project) -> None:
    project.flowctl("init")
    project.flowctl("plan", "--out", "one.json")
    project.flowctl("plan", "--out", "two.json")
    project.flowctl("ci", "same", "one.json", "two.json")
    path = project.root / "flows/dev/hello.yaml"
    path.write_text(path.read_text().replace("World", "Mars"))
    project.flowctl("plan", "--out", "three.json")
    other = project.flowctl("ci", "same", "one.json", "three.json", code=1)
    assert other.out.strip() == "flow dev/hello would begin or end otherwise than reviewed"
    assert document(project, "ci", "same", "one.json", "two.json") == (
        {"format": "1.0", "kind": "same", "same": True, "differences": []}
    )
    assert document(project, "ci", "same", "one.json", "three.json", code=1) == (
        {"format": "1.0", "kind": "same", "same": False, "differences": [other.out.strip()]}
    )


@pytest.fixture
def committed(project: Project) -> Project:
    """A project with staging and production, all of it committed."""
    project.flowctl("init")
    for name in ("staging", "production"):
        project.write(f"environments/{name}.yaml", f"server: https://{name}.example.com\n")
        project.write(f"flows/{name}/a.yaml", "id: a\ntasks:\n  - id: l\n    type: io.kestra.plugin.core.log.Log\n")
    who = ("-c", "user.name=A", "-c", "user.email=a@example.com")
    for arguments in (("init", "-q"), ("add", "-A"), ("commit", "-qm", "first")):
        subprocess.run(["git", *who, *arguments], cwd=project.root, check=True, capture_output=True)
    return project


def test_the_comment_of_an_environment_that_left_the_request_says_so(
    committed: Project, stand: Stand[GitHub], tmp_path: Path
) -> None:
    for name in ("staging", "production"):
        stand.hub.add("comments/7", {"body": f"<!-- flowctl:plan:{name} -->\nplan of {name}"})
    committed.write("flows/staging/b.yaml", "id: b\n")
    withdraw = ("ci", "withdraw", "--changed-since", "HEAD")
    assert "Withdrawn: the plan for production" in committed.flowctl(*withdraw, **job(stand, tmp_path)).err
    assert "No comment is out of date." in committed.flowctl(*withdraw, **job(stand, tmp_path)).err
    staging, production = (str(row["body"]) for row in stand.hub.rows["comments/7"])
    assert staging.endswith("plan of staging") and "no longer changes" in production


def test_the_environments_that_a_change_touches(committed: Project) -> None:
    project = committed
    assert json.loads(project.flowctl("ci", "environments", "--json").out) == ["production", "staging"]
    project.write("flows/staging/b.yaml", "id: b\n")
    found = project.flowctl("ci", "environments", "--changed-since", "HEAD", "--json")
    assert json.loads(found.out) == ["staging"]


def test_a_job_that_is_not_gitlabs_has_no_reviewed_plan(project: Project) -> None:
    nowhere = {"CI_PROJECT_ID": "", "CI_COMMIT_SHA": ""}
    assert "C142" in project.flowctl("ci", "reviewed", "staging", "--out", "r.json", code=64, **nowhere).err


@pytest.mark.parametrize("arguments", [(), ("--text", "x.md"), ("plan.json", "--text", "x.md", "--about", "dev")])
def test_a_comment_needs_exactly_one_thing_to_say(project: Project, arguments: tuple[str, ...]) -> None:
    assert "C143" in project.flowctl("ci", "comment", *arguments, code=64).err
