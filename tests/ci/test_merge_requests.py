"""A merge request on GitLab is opened once and kept up to date."""

from __future__ import annotations

import pytest

from flowctl.ci.gitlab import forge_of
from flowctl.ci.pulls import PullRequest, open_merge_request, project_for
from flowctl.errors import FlowctlError, UsageError
from tests.ci.forges import GitLab

JOB = {"GITLAB_TOKEN": "secret-token", "CI_API_V4_URL": "https://gitlab.example/api/v4"}
WANTED = PullRequest("promote/production-1", "main", "Promote 2 flows", "the table")
ADDRESS = "https://gitlab.example/group/flows/-/merge_requests/1"


def test_it_is_opened_once_and_then_kept_up_to_date() -> None:
    gitlab = GitLab()
    forge = forge_of(JOB, gitlab.transport())
    assert open_merge_request(forge, "group/flows", WANTED) == ADDRESS
    later = PullRequest(WANTED.head, WANTED.base, "Promote 3 flows", "a longer table")
    assert open_merge_request(forge, "group/flows", later) == ADDRESS
    [row] = gitlab.rows["requests"]
    assert (row["title"], row["description"]) == ("Promote 3 flows", "a longer table")
    assert (row["source_branch"], row["target_branch"]) == ("promote/production-1", "main")


def test_another_branch_gets_one_of_its_own() -> None:
    gitlab = GitLab()
    forge = forge_of(JOB, gitlab.transport())
    open_merge_request(forge, "group/flows", WANTED)
    other = PullRequest("promote/production-2", "main", "Promote 1 flow", "t")
    assert open_merge_request(forge, "group/flows", other).endswith("/2")


def test_a_token_that_is_refused_is_said_without_it() -> None:
    forge = forge_of(JOB | {"GITLAB_TOKEN": "stale-one"}, GitLab().transport())
    with pytest.raises(FlowctlError) as error:
        open_merge_request(forge, "group/flows", WANTED)
    found = error.value.diagnostics[0]
    assert found.code == "C141" and "401" in f"{found.summary}{found.detail}"
    assert "stale-one" not in f"{found.summary}{found.detail}{found.hint}"


@pytest.mark.parametrize(
    ("remote", "project"),
    [
        ("https://gitlab.example/group/flows.git", "group/flows"),
        ("git@gitlab.example:group/sub/flows.git", "group/sub/flows"),
        ("ssh://git@gitlab.example:2222/group/flows", "group/flows"),
    ],
)
def test_the_project_is_that_of_the_remote(remote: str, project: str) -> None:
    assert project_for({}, remote) == project
    assert project_for({"CI_PROJECT_ID": "42"}, remote) == "42"


def test_a_remote_that_names_no_project_is_said() -> None:
    with pytest.raises(UsageError, match="which project"):
        project_for({}, "/")
