"""The two forges behind one small port, and the rule that a note is written once and then kept up to date."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import TYPE_CHECKING, Protocol

from flowctl.ci.notes import Note, marked, ours, plans_of_others, withdrawn
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


def withdraw(notes: Notes, touched: Iterable[str]) -> list[str]:
    """Rewrite the plans of all environments but these. Returns the environments whose note was rewritten.

    Raises:
        FlowctlError: C141.
    """
    old = list(plans_of_others(notes.all(), touched))
    stale = [(name, note) for name, note in old if note.body != withdrawn(name)]
    for name, note in stale:
        notes.update(note, withdrawn(name))
    return [name for name, _ in stale]


class Forge:
    """Requests to a forge's API; the token stands in a header and never in a message."""

    def __init__(self, url: str, headers: Mapping[str, str], transport: httpx.BaseTransport | None = None) -> None:
        import httpx

        self._url = url.rstrip("/")
        try:
            self._client = httpx.Client(headers=dict(headers), timeout=TIMEOUT_SECONDS, transport=transport)
        except (OSError, ValueError, ImportError, httpx.InvalidURL) as error:  # the text may hold a proxy's password
            hint = "check HTTPS_PROXY, HTTP_PROXY, ALL_PROXY, SSL_CERT_FILE and SSL_CERT_DIR"
            raise FlowctlError.of("C141", "the forge cannot be asked", type(error).__name__, hint) from None

    def ask(self, method: str, path: str, **options: object) -> httpx.Response:
        """An answer below 300.

        Raises:
            FlowctlError: C141.
        """
        import httpx

        try:
            # httpx takes keyword options of many types; they are given by the two forges' modules only
            answer = self._client.request(method, self._url + path, **options)  # type: ignore[arg-type]
        except (httpx.HTTPError, httpx.InvalidURL) as error:
            raise self._failed(method, path, f"no answer: {error}") from None
        if answer.status_code >= 300:
            raise self._failed(method, path, f"{answer.status_code}: {_message(answer)}")
        return answer

    def told(self, method: str, path: str, **options: object) -> object:
        """What an answer below 300 says.

        Raises:
            FlowctlError: C141, also when it is no JSON: the page of a proxy, for example.
        """
        answer = self.ask(method, path, **options)
        try:
            found: object = answer.json()
        except ValueError:
            kind = answer.headers.get("content-type", "no type")
            raise self._failed(method, path, f"{answer.status_code} with {kind}, not JSON") from None
        return found

    def said(self, member: str, method: str, path: str, **options: object) -> str:
        """A member of what an answer says.

        Raises:
            FlowctlError: C141, also when it is not there.
        """
        found = self.told(method, path, **options)
        value = found.get(member) if isinstance(found, dict) else None
        if not isinstance(value, str | int):
            raise self._failed(method, path, f"an answer without `{member}`")
        return str(value)

    def pages(self, path: str, params: Mapping[str, str | int]) -> Iterator[Mapping[str, object]]:
        """All rows of a listing, page by page.

        Raises:
            FlowctlError: C141, the forge refuses, or its answer is no list.
        """
        page = 1
        while True:
            rows = self.told("GET", path, params={**params, "per_page": PAGE, "page": page})
            if not isinstance(rows, list):
                raise self._failed("GET", path, f"a list was expected, found {type(rows).__name__}")
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
