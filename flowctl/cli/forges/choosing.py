"""The forge that a job runs on."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import TYPE_CHECKING

from flowctl.ci.forge import Notes
from flowctl.errors import UsageError

if TYPE_CHECKING:
    from flowctl.ci.github import Issues

_STATED = (
    ("github", ("GITHUB_ACTIONS",)),
    ("gitlab", ("GITLAB_CI",)),
    ("github", ("GITHUB_API_URL", "GITHUB_REPOSITORY")),
    ("gitlab", ("CI_API_V4_URL", "CI_PROJECT_ID")),
)
"""What says where a job runs, the surest first."""
_HOST = re.compile(r"(?:\w[\w+.-]*://(?:[^@/]*@)?|(?:[\w.-]+@)?(?=[\w.-]+:))(?P<host>[\w.-]+)[:/]")


def forge_name(environ: Mapping[str, str], given: str | None) -> str:
    """`github` or `gitlab`: as given, else where the job runs.

    Raises:
        UsageError: C142, neither.
    """
    if given:
        return given
    for name, variable in (("github", "GITHUB_ACTIONS"), ("gitlab", "GITLAB_CI")):
        if environ.get(variable):
            return name
    raise UsageError.of(
        "C142", "which forge? This is no job of GitHub's or GitLab's", hint="give --to github or gitlab"
    )


def forge_of_remote(environ: Mapping[str, str], remote: str) -> tuple[str, Mapping[str, str]]:
    """`github` or `gitlab`, with the environment in which its API has an address: as the job says, else as the host of
    the remote does. A token is never sent to a forge that neither names.

    Raises:
        UsageError: C142, neither says.
    """
    for name, variables in _STATED:
        if any(environ.get(variable) for variable in variables):
            return name, environ
    host = _host(remote)
    if "gitlab" in host:
        return "gitlab", {**environ, "CI_API_V4_URL": f"https://{host}/api/v4"}
    if host == "github.com":
        return "github", environ
    hint = "set GITHUB_API_URL or CI_API_V4_URL to the address of its API"
    raise UsageError.of("C142", f"which forge? Nothing says what {host or remote or 'the remote'} is", hint=hint)


def _host(remote: str) -> str:
    """The host of a remote's URL or of its short form `user@host:path`; empty for a path on this machine."""
    found = _HOST.match(remote)
    return found["host"].lower() if found else ""


def request_notes(environ: Mapping[str, str], to: str | None, number: int | None) -> Notes:
    """The comments of the job's pull or merge request."""
    if forge_name(environ, to) == "gitlab":
        from flowctl.ci import gitlab

        project, found = gitlab.merge_request_of(environ, number)
        return gitlab.MergeRequestNotes(gitlab.forge_of(environ), project, found)
    from flowctl.ci import github

    found = github.pull_request_of(environ, number)
    return github.PullRequestComments(github.forge_of(environ), github.repository_of(environ), found)


def issues(environ: Mapping[str, str], title: str) -> Issues:
    """The issues of the job's repository."""
    from flowctl.ci import github

    return github.Issues(github.forge_of(environ), github.repository_of(environ), title)
