"""GitHub: comments of pull requests, and issues."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from flowctl.ci.forge import Forge
from flowctl.ci.notes import Note
from flowctl.errors import UsageError

if TYPE_CHECKING:
    import httpx

API = "https://api.github.com"
LABEL = "flowctl"


def forge_of(environ: Mapping[str, str], transport: httpx.BaseTransport | None = None) -> Forge:
    """GitHub's API as a job reaches it.

    Raises:
        UsageError: C142, there is no token.
    """
    token = environ.get("GITHUB_TOKEN") or environ.get("GH_TOKEN")
    if not token:
        raise UsageError.of("C142", "no token for GitHub", hint="set GITHUB_TOKEN to ${{ github.token }} in the job")
    headers = {"Authorization": f"Bearer {token}", "Accept": "application/vnd.github+json"}
    return Forge(environ.get("GITHUB_API_URL") or API, {**headers, "X-GitHub-Api-Version": "2022-11-28"}, transport)


def repository_of(environ: Mapping[str, str]) -> str:
    """`owner/name`.

    Raises:
        UsageError: C142, not in a job of GitHub's.
    """
    found = environ.get("GITHUB_REPOSITORY")
    if not found:
        raise UsageError.of(
            "C142", "GITHUB_REPOSITORY is not set", hint="run this in a GitHub job, or set it to owner/name"
        )
    return found


def pull_request_of(environ: Mapping[str, str], given: int | None) -> int:
    """The number of the pull request: as given, else from the event of the job.

    Raises:
        UsageError: C142, the event is not about a pull request.
    """
    if given is not None:
        return given
    path = environ.get("GITHUB_EVENT_PATH")
    event = _event(Path(path)) if path else {}
    for place in (event.get("pull_request"), event.get("issue")):
        if isinstance(place, dict) and isinstance(place.get("number"), int):
            return int(place["number"])
    raise UsageError.of("C142", "which pull request? The job's event names none", hint="give --pull-request N")


def _event(path: Path) -> Mapping[str, object]:
    try:
        found = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return found if isinstance(found, dict) else {}


class PullRequestComments:
    """The comments of one pull request."""

    def __init__(self, forge: Forge, repository: str, number: int) -> None:
        self._forge, self._repository = forge, f"/repos/{repository}"
        self._path = f"{self._repository}/issues/{number}/comments"

    def all(self) -> Iterator[Note]:
        """The oldest first."""
        for row in self._forge.pages(self._path, {}):
            yield Note(str(row["id"]), str(row.get("body") or ""))

    def create(self, body: str) -> str:
        """Add a comment; returns its address."""
        return self._forge.said("html_url", "POST", self._path, json={"body": body})

    def update(self, note: Note, body: str) -> str:
        """Replace a comment's text; returns its address."""
        return self._forge.said(
            "html_url", "PATCH", f"{self._repository}/issues/comments/{note.id}", json={"body": body}
        )


class Issues:
    """The open issues of a repository with our label."""

    def __init__(self, forge: Forge, repository: str, title: str) -> None:
        self._forge, self._path, self._title = forge, f"/repos/{repository}/issues", title

    def all(self) -> Iterator[Note]:
        """Open ones only: a closed issue is history."""
        for row in self._forge.pages(self._path, {"state": "open", "labels": LABEL}):
            if "pull_request" not in row:
                yield Note(str(row["number"]), str(row.get("body") or ""))

    def create(self, body: str) -> str:
        """Open an issue; returns its address."""
        wanted = {"title": self._title, "body": body, "labels": [LABEL]}
        return self._forge.said("html_url", "POST", self._path, json=wanted)

    def update(self, note: Note, body: str) -> str:
        """Replace an issue's text; returns its address."""
        return self._forge.said(
            "html_url", "PATCH", f"{self._path}/{note.id}", json={"title": self._title, "body": body}
        )

    def close(self, note: Note, body: str) -> str:
        """Close an issue with a last text."""
        wanted = {"body": body, "state": "closed", "state_reason": "completed"}
        return self._forge.said("html_url", "PATCH", f"{self._path}/{note.id}", json=wanted)
