"""Opening a pull request on GitHub or a merge request on GitLab, or bringing the open one of a branch up to date."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import quote

from flowctl.ci.forge import Forge
from flowctl.errors import UsageError

_PROJECT = re.compile(r"(?:[\w.-]+@)?[\w.-]+(?::\d+/|[:/])(?P<path>[\w.-]+(?:/[\w.-]+)+)/?$")
_ADDRESS = re.compile(r"(?:[\w.-]+@)?[\w.-]+[:/](?P<owner>[\w.-]+)/(?P<name>[\w.-]+?)(?:\.git)?/?$")


@dataclass(frozen=True, slots=True)
class PullRequest:
    """What a pull request says: from the branch `head` into `base`."""

    head: str
    base: str
    title: str
    body: str


def repository_for(environ: Mapping[str, str], remote: str) -> str:
    """`owner/name`: the job's, else what the remote's URL (without a scheme's credentials) names.

    Raises:
        UsageError: C142, neither names a repository.
    """
    stated = environ.get("GITHUB_REPOSITORY")
    if stated:
        return stated
    found = _ADDRESS.search(remote.partition("://")[2] or remote)
    if found is None:
        hint = "set GITHUB_REPOSITORY to owner/name"
        raise UsageError.of("C142", f"which repository of GitHub? The remote is {remote}", hint=hint)
    return f"{found['owner']}/{found['name']}"


def open_pull_request(forge: Forge, repository: str, wanted: PullRequest) -> str:
    """The address of the pull request: a new one, or the branch's open one with this title and text.

    Raises:
        FlowctlError: C141, GitHub says no or does not answer.
    """
    path = f"/repos/{repository}/pulls"
    said = {"title": wanted.title, "body": wanted.body}
    head = f"{repository.partition('/')[0]}:{wanted.head}"
    for row in forge.pages(path, {"head": head, "base": wanted.base, "state": "open"}):
        return forge.said("html_url", "PATCH", f"{path}/{row['number']}", json=said)
    return forge.said("html_url", "POST", path, json={**said, "head": wanted.head, "base": wanted.base})


def project_for(environ: Mapping[str, str], remote: str) -> str:
    """GitLab's number of the project, or its path with its groups: the job's, else what the remote's URL names.

    Raises:
        UsageError: C142, neither names a project.
    """
    if stated := environ.get("CI_PROJECT_ID"):
        return stated
    found = _PROJECT.search(remote.partition("://")[2] or remote)
    if found is None:
        raise UsageError.of("C142", f"which project of GitLab? The remote is {remote}", hint="set CI_PROJECT_ID")
    return found["path"].removesuffix(".git")


def open_merge_request(forge: Forge, project: str, wanted: PullRequest) -> str:
    """The address of the merge request: a new one, or the branch's open one with this title and text
    (https://docs.gitlab.com/api/merge_requests).

    Raises:
        FlowctlError: C141, GitLab says no or does not answer.
    """
    path = f"/projects/{quote(project, safe='')}/merge_requests"
    said = {"title": wanted.title, "description": wanted.body}
    between = {"source_branch": wanted.head, "target_branch": wanted.base}
    for row in forge.pages(path, {**between, "state": "opened"}):
        return forge.said("web_url", "PUT", f"{path}/{row['iid']}", json=said)
    return forge.said("web_url", "POST", path, json={**said, **between})
