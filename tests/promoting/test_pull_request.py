"""From a promotion to a pull request: real Git remote, GitHub's endpoints by a stand-in on a loopback port."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from flowctl.ci.pulls import repository_for
from flowctl.errors import UsageError
from tests.ci.forges import GitLab
from tests.ci.serving import served
from tests.promoting.github import TOKEN, running
from tests.promoting.site import Site


def test_a_pull_request_is_opened_once_and_then_kept_up_to_date(site: Site, tmp_path: Path) -> None:
    site.git("init", "--quiet", "--bare", str(tmp_path / "remote.git"))
    site.git("remote", "add", "origin", str(tmp_path / "remote.git"))
    site.prove("staging/daily", "staging.jobs/load")
    with running() as github:
        job = {"GITHUB_API_URL": github.url, "GITHUB_TOKEN": TOKEN, "GITHUB_REPOSITORY": "me/flows"}
        found = json.loads(site.promote("--pull-request", "--json", **job).out)
        assert found["pull_request"] == "https://github.example/me/flows/pull/1"
        [pull] = github.pulls
        assert (pull["head"], pull["base"]) == (found["branch"], "main")
        assert pull["title"] == "Promote 2 flows from staging to production"
        body = str(pull["body"])
        assert "| `production/daily` | new | 1 | 1 green | proven |" in body
        assert "2 to add" in body
        again = site.promote("--pull-request", **job)
        assert len(github.pulls) == 1
        assert "Pull request: https://github.example/me/flows/pull/1" in again.err
        refused = site.promote("--pull-request", code=1, **{**job, "GITHUB_TOKEN": "stale"})
        assert "C141" in refused.err
        assert "401" in refused.err
        assert "stale" not in refused.out + refused.err


def test_a_job_of_gitlab_opens_a_merge_request(site: Site, tmp_path: Path) -> None:
    site.git("init", "--quiet", "--bare", str(tmp_path / "remote.git"))
    site.git("remote", "add", "origin", str(tmp_path / "remote.git"))
    site.prove("staging/daily", "staging.jobs/load")
    gitlab = GitLab()
    with served(gitlab) as url:
        job = {
            "GITLAB_CI": "true",
            "CI_API_V4_URL": f"{url}/api/v4",
            "CI_PROJECT_ID": "group/flows",
            "CI_COMMIT_BRANCH": "main",
            "GITLAB_TOKEN": gitlab.token,
        }
        found = json.loads(site.promote("--pull-request", "--json", **job).out)
        again = site.promote("--pull-request", **job)
    address = "https://gitlab.example/group/flows/-/merge_requests/1"
    assert found["pull_request"] == address
    assert f"Pull request: {address}" in again.err
    [row] = gitlab.rows["requests"]
    assert (row["source_branch"], row["target_branch"]) == (found["branch"], "main")
    assert row["title"] == "Promote 2 flows from staging to production"
    assert "| `production/daily` | new | 1 | 1 green | proven |" in str(row["description"])


@pytest.mark.parametrize(
    "remote",
    ["https://github.com/me/flows.git", "git@github.com:me/flows.git", "ssh://git@github.com/me/flows", "x:me/flows/"],
)
def test_the_repository_is_that_of_the_remote(remote: str) -> None:
    assert repository_for({}, remote) == "me/flows"
    assert repository_for({"GITHUB_REPOSITORY": "you/other"}, remote) == "you/other"


def test_a_remote_that_names_no_repository_is_said() -> None:
    with pytest.raises(UsageError, match="which repository"):
        repository_for({}, "/")
