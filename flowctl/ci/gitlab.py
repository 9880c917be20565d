"""GitLab: notes of merge requests."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING
from urllib.parse import quote

from flowctl.ci.forge import Forge
from flowctl.ci.notes import Note
from flowctl.errors import UsageError

if TYPE_CHECKING:
    import httpx


def forge_of(environ: Mapping[str, str], transport: httpx.BaseTransport | None = None) -> Forge:
    """GitLab's API as a job reaches it.

    Raises:
        UsageError: C142, no token or no address. The job's own token may not write notes, so it does not count.
    """
    token, url = environ.get("GITLAB_TOKEN"), environ.get("CI_API_V4_URL")
    if not token:
        hint = "set GITLAB_TOKEN to a project access token with the scope `api`"
        raise UsageError.of("C142", "no token for GitLab", hint=hint)
    if not url:
        raise UsageError.of("C142", "CI_API_V4_URL is not set", hint="run this in a GitLab job, or set it")
    return Forge(url, {"PRIVATE-TOKEN": token}, transport)


class MergeRequestNotes:
    """The notes of one merge request."""

    def __init__(self, forge: Forge, project: str, number: int) -> None:
        self._forge = forge
        self._path = f"/projects/{quote(project, safe='')}/merge_requests/{number}/notes"

    def all(self) -> Iterator[Note]:
        """The oldest first; what GitLab itself notes (a push, a label) is left out."""
        for row in self._forge.pages(self._path, {"sort": "asc", "order_by": "created_at"}):
            if row.get("system") is not True:
                yield Note(str(row["id"]), str(row.get("body") or ""))

    def create(self, body: str) -> str:
        """Add a note; returns its id."""
        return self._forge.said("id", "POST", self._path, json={"body": body})

    def update(self, note: Note, body: str) -> str:
        """Replace a note's text; returns its id."""
        return self._forge.said("id", "PUT", f"{self._path}/{note.id}", json={"body": body})


def merge_request_of(environ: Mapping[str, str], given: int | None) -> tuple[str, int]:
    """Project and number of the merge request.

    Raises:
        UsageError: C142, the job is not about one.
    """
    project, number = environ.get("CI_PROJECT_ID"), given or environ.get("CI_MERGE_REQUEST_IID")
    if not project or not str(number).isdecimal():
        hint = "run it in a merge request pipeline (`rules: - if: $CI_PIPELINE_SOURCE == 'merge_request_event'`)"
        raise UsageError.of("C142", "which merge request? The job names none", hint=hint)
    return project, int(str(number))
