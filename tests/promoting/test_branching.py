"""Branch, commit, push and pull request, with real Git; the user's work tree, index and HEAD stay as they are."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.promoting.site import DAILY, LOAD, Site

FLOWS = ("staging/daily", "staging.jobs/load")


@pytest.fixture
def proven(site: Site) -> Site:
    site.prove(*FLOWS)
    return site


def state(site: Site) -> tuple[str, str, str, bytes]:
    """What a user sees of the repository."""
    index = (site.root / ".git/index").read_bytes()
    return site.git("status", "--porcelain"), site.git("rev-parse", "HEAD"), site.git("branch", "--show-current"), index


def test_the_branch_holds_the_texts_and_nothing_of_the_user_is_touched(proven: Site) -> None:
    proven.project.write("notes.txt", "mine\n")
    proven.project.write("flows/staging/new.yaml", LOAD.replace("id: load", "id: new"))
    proven.git("add", "notes.txt")
    before = state(proven)
    proven.promote("--exclude", "staging/new", "--branch", "go")
    assert state(proven) == before
    assert proven.git("diff", "--name-only", "main", "go").split() == [
        "flows/production/daily.yaml",
        "flows/production/jobs/load.yaml",
        "promotions/production.json",
    ]
    assert proven.git("show", "go:flows/production/daily.yaml") == DAILY.replace('"staging.jobs"', '"production.jobs"')
    assert proven.git("show", "go:flows/production/jobs/load.yaml") == LOAD


def test_the_commit_and_the_record_say_revision_digest_and_evidence(proven: Site) -> None:
    proven.promote("--branch", "go")
    assert (
        proven.git("log", "-1", "--format=%an <%ae>|%cn", "go").strip() == "Ada Lovelace <ada@example.com>|Ada Lovelace"
    )
    message = proven.git("log", "-1", "--format=%B", "go")
    assert message.startswith("Promote 2 flows from staging to production\n")
    assert "production/daily: revision 1 of staging/daily, digest " in message
    assert f"Source-Commit: {proven.git('rev-parse', 'main').strip()}" in message
    record = json.loads(proven.git("show", "go:promotions/production.json"))["flows"]["production/daily"]
    assert (record["from"], record["source_revision"], record["runs"]["green"]) == ("staging:staging/daily", 1, 1)
    assert len(record["executions"]) == 1
    live = json.loads(proven.project.flowctl("show", "staging:staging/daily", "--json").out)
    assert record["source_digest"] == live["digest"]


def test_what_the_branch_holds_is_what_the_target_gets(proven: Site) -> None:
    digests = {flow["target"]: flow["digest"] for flow in proven.promoted("--branch", "go")["flows"]}
    proven.git("checkout", "--quiet", "go")
    proven.project.apply("production")
    for name, digest in digests.items():
        live = json.loads(proven.project.flowctl("show", f"production:{name}", "--json").out)
        assert live["digest"] == digest
    assert proven.promoted()["flows"] == []
    assert "SUCCESS" in proven.project.flowctl("run", "production:production/daily", "--follow").err


def test_the_same_promotion_again_takes_the_branch_that_is_there(proven: Site) -> None:
    first = proven.promoted("--branch")
    assert first["branch"].startswith("promote/production-")
    second = proven.promoted("--branch")
    assert (second["branch"], second["branch_commit"]) == (first["branch"], first["branch_commit"])
    assert "is there and holds something else" in proven.promote("--branch", "main", code=1).err
    assert "P309" in proven.promote("--branch", "no..name", code=1).err


def test_a_branch_from_before_an_unrelated_commit_is_the_same_promotion(proven: Site) -> None:
    first = proven.promoted("--branch")
    proven.project.write("README.md", "unrelated\n")
    proven.commit("Write about it")
    again = proven.promoted("--branch")
    assert (again["branch"], again["branch_commit"]) == (first["branch"], first["branch_commit"])
    proven.project.write("promotions/production.json", '{"format": "1.0", "flows": {}}\n')
    proven.commit("Touch the record")
    refused = proven.promote("--branch", code=1).err
    assert "is there and holds something else" in refused
    assert f"it ends with {first['branch_commit'][:12]}, 'Promote" in refused


def test_without_an_author_nothing_is_committed(proven: Site, tmp_path: Path) -> None:
    proven.git("config", "--unset", "user.email")
    empty = {"HOME": str(tmp_path), "XDG_CONFIG_HOME": str(tmp_path), "GIT_CONFIG_NOSYSTEM": "1"}
    assert "P310" in proven.promote("--branch", "go", code=1, **empty).err
    assert proven.git("branch", "--list", "go") == ""


def test_an_edit_of_the_targets_file_that_is_not_committed_is_not_lost_silently(proven: Site) -> None:
    proven.project.write("flows/production/daily.yaml", DAILY.replace("staging.jobs", "production.jobs") + "# mine\n")
    refused = proven.promote("--branch", "go", code=1).err
    assert "P314" in refused
    assert "flows/production/daily.yaml" in refused


def test_the_branch_is_pushed(proven: Site, tmp_path: Path) -> None:
    assert "P311" in proven.promote("--push", code=1).err
    proven.git("init", "--quiet", "--bare", str(tmp_path / "remote.git"))
    proven.git("remote", "add", "origin", str(tmp_path / "remote.git"))
    found = proven.promoted("--branch", "go", "--push")
    assert proven.git("ls-remote", "origin", "refs/heads/go").split()[0] == found["branch_commit"]
    proven.git("branch", "-D", "go")
    again = proven.promoted("--branch", "go", "--push")
    assert again["branch_commit"] == found["branch_commit"]
    proven.git("branch", "-D", "go")
    proven.git("update-ref", "-d", "refs/remotes/origin/go")
    proven.project.write("flows/production/_kv.yaml", "a: b\n")
    proven.commit("Move on")
    refused = proven.promote("--branch", "go", "--push", code=1).err
    assert "P311" in refused
    assert "git push origin go" in refused
