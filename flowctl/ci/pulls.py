"""Opening a pull request on GitHub, or bringing the open one of a branch up to date."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

from flowctl.ci.forge import Forge
from flowctl.errors import UsageError

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
        return _address(forge.ask("PATCH", f"{path}/{row['number']}", json=said).json())
    return _address(forge.ask("POST", path, json={**said, "head": wanted.head, "base": wanted.base}).json())


def _address(answer: object) -> str:
    return str(answer.get("html_url")) if isinstance(answer, dict) else ""
