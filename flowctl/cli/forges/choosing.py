"""The forge that a job runs on."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from flowctl.ci.forge import Notes
from flowctl.errors import UsageError

if TYPE_CHECKING:
    from flowctl.ci.github import Issues

FORGES = ("github", "gitlab")


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
