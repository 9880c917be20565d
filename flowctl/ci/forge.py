"""The two forges behind one small port, and the rule that a note is written once and then kept up to date."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Protocol

from flowctl.ci.notes import Note, marked, ours
from flowctl.errors import FlowctlError

if TYPE_CHECKING:
    import httpx

TIMEOUT_SECONDS = 30.0
PAGE = 100


class Notes(Protocol):
    """The notes of one place: comments of a pull or merge request, or issues of a repository."""

    def all(self) -> Iterator[Note]: ...

    def create(self, body: str) -> str: ...

    def update(self, note: Note, body: str) -> str: ...


def keep(notes: Notes, mark: str, body: str, *, create: bool = True) -> str | None:
    """Have one note with this marker say `body`. Returns its address; None when there is none and `create` is False.

    Raises:
        FlowctlError: C141, the forge says no or does not answer.
        ValueError: the body is too long.
    """
    text = marked(body, mark)
    found = ours(notes.all(), mark)
    if found is not None:
        return notes.update(found, text) if found.body != text else found.id
    return notes.create(text) if create else None


class Forge:
    """Requests to a forge's API; the token stands in a header and never in a message."""

    def __init__(self, url: str, headers: Mapping[str, str], transport: httpx.BaseTransport | None = None) -> None:
        import httpx

        self._url = url.rstrip("/")
        self._client = httpx.Client(headers=dict(headers), timeout=TIMEOUT_SECONDS, transport=transport)

    def ask(self, method: str, path: str, **options: object) -> httpx.Response:
        """An answer below 300.

        Raises:
            FlowctlError: C141.
        """
        import httpx

        try:
            # httpx takes keyword options of many types; they are given by the two forges' modules only
            answer = self._client.request(method, self._url + path, **options)  # type: ignore[arg-type]
        except httpx.HTTPError as error:
            raise self._failed(method, path, f"no answer: {error}") from None
        if answer.status_code >= 300:
            raise self._failed(method, path, f"{answer.status_code}: {_message(answer)}")
        return answer

    def pages(self, path: str, params: Mapping[str, str | int]) -> Iterator[Mapping[str, object]]:
        """All rows of a listing, page by page."""
        page = 1
        while True:
            rows = self.ask("GET", path, params={**params, "per_page": PAGE, "page": page}).json()
            yield from (row for row in rows if isinstance(row, dict))
            if len(rows) < PAGE:
                return
            page += 1

    def _failed(self, method: str, path: str, why: str) -> FlowctlError:
        hint = "check the token's permission (pull requests: write, issues: write; GitLab: api) and the address"
        return FlowctlError.of("C141", "the forge did not take the note", f"{method} {self._url}{path}: {why}", hint)


def _message(answer: httpx.Response) -> str:
    try:
        found = answer.json()
    except ValueError:
        return answer.text[:200]
    return str(found.get("message") or found.get("error") or "")[:200] if isinstance(found, dict) else ""
