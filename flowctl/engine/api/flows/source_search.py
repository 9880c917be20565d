"""Full text search in the sources of flows. The 2.0 release answers the lines that match, the versions
before it the flow and pieces of its text: both are sent."""

from __future__ import annotations

import re
import sqlite3
import time
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise

from starlette.responses import Response

from flowctl.engine.api.dialects import Dialect
from flowctl.engine.api.flows.search import DEFAULT_ORDER, FLOWS, QUALIFIED, SORTABLE
from flowctl.engine.api.flows.shapes import page as paged
from flowctl.engine.api.flows.shapes import read_json
from flowctl.engine.api.http.endpoint import Endpoint, reads
from flowctl.engine.api.http.problems import illegal_argument
from flowctl.engine.api.http.request import ApiRequest, json_response
from flowctl.engine.api.listing.conditions import Where, add_text
from flowctl.engine.api.listing.filters import Filter, Op
from flowctl.engine.api.listing.paging import Found, Page, fetch, page_of
from flowctl.engine.store.jsontext import dump
from flowctl.engine.store.tables.flows import row_of

FRAGMENT = 60
MOST_FRAGMENTS = 5
MOST_MATCHES = 1000
SECONDS = 2.0
"""What one search with a pattern may take."""
SECTIONS = {
    "TASKS": frozenset({"tasks", "errors", "finally", "afterExecution"}),
    "TRIGGERS": frozenset({"triggers"}),
    "INPUTS": frozenset({"inputs"}),
}
_TOP = re.compile(r"^(\w+)[ \t]*:", re.MULTILINE)
Span = tuple[int, int]


@dataclass(frozen=True, slots=True)
class Wanted:
    """What is looked for. `plain`: text anywhere, whatever the case, which the database finds by itself."""

    text: str
    case_sensitive: bool = False
    whole_word: bool = False
    regex: bool = False
    scope: str = "ALL"

    @property
    def plain(self) -> bool:
        """Whether the database finds it by itself."""
        return not (self.case_sensitive or self.whole_word or self.regex or self.scope != "ALL")

    @property
    def pattern(self) -> str:
        """As a regular expression."""
        inner = self.text if self.regex else re.escape(self.text)
        inner = rf"\b(?:{inner})\b" if self.whole_word else inner
        return f"(?m){inner}" if self.case_sensitive else f"(?mi){inner}"


async def search_source(request: ApiRequest) -> Response:
    """`GET /flows/source?q=`: namespace as a prefix, `caseSensitive`, `wholeWord`, `regex`, and `scope` (a section of
    the flow); filters are ignored here (seen)."""
    page, wanted, where = page_of(request), _wanted(request), Where()
    where.add("f.deleted = 0")
    if request.query_params.get("namespace"):
        add_text(where, "f.namespace", Filter("namespace", Op.PREFIX, request.query_params["namespace"]))
    if wanted.text and not wanted.regex:
        where.add("instr(lower(r.source), lower(?)) > 0", wanted.text)
    order = page.order(SORTABLE, DEFAULT_ORDER)

    def read(connection: sqlite3.Connection) -> Found:
        if wanted.plain or not wanted.text:
            return fetch(connection, QUALIFIED, FLOWS + where.clause, where.values, order, page)
        rows = connection.execute(f"SELECT {QUALIFIED} FROM {FLOWS}{where.clause}{order}", where.values)
        return _chosen(rows, wanted, page)

    found = await request.context.store.aread(read)
    dialect = request.context.dialect
    return json_response(paged([_item(row, wanted, dialect) for row in found.rows], found.total))


def _wanted(request: ApiRequest) -> Wanted:
    query = request.query_params
    scope = query.get("scope") or "ALL"
    if scope != "ALL" and scope not in SECTIONS:
        raise illegal_argument(f"scope must be one of ALL, {', '.join(SECTIONS)}, found {scope!r}")
    text = query.get("q", "")
    case, word, regex = (request.flag(name) for name in ("caseSensitive", "wholeWord", "regex"))
    return Wanted("" if text == "*" and not regex else text, case, word, regex, scope)


def _chosen(rows: Iterator[tuple[object, ...]], wanted: Wanted, page: Page) -> Found:
    """The rows of a page among those whose source matches, and how many match.

    Raises:
        Problem: 422, a pattern that cannot be read or takes too long.
    """
    end = time.monotonic() + SECONDS
    found = [row for row in rows if spans(str(row[-1]), wanted, end)]
    part = found[page.offset : page.offset + page.size]
    return Found(part, len(found) if part else 0)


def spans(source: str, wanted: Wanted, end: float | None = None) -> list[Span]:
    """Where a source matches, as offsets.

    Raises:
        Problem: 422, a pattern that cannot be read or takes longer than until `end` (monotonic seconds).
    """
    from flowctl.language.expressions.errors import ExpressionError
    from flowctl.language.expressions.java import regex as javaregex

    left = SECONDS if end is None else end - time.monotonic()
    try:
        matches = javaregex.find_all(wanted.pattern, source, max(left, 0.001))
    except ExpressionError as error:
        raise illegal_argument(str(error)) from None
    parts = list(sections(source, wanted.scope))
    inside = (match.span() for match in matches if match.end() > match.start())
    return [span for span in inside if any(start <= span[0] < stop for start, stop in parts)]


def sections(source: str, scope: str) -> Iterator[Span]:
    if scope == "ALL":
        yield 0, len(source) + 1
        return
    tops = [(found.start(), found[1]) for found in _TOP.finditer(source)] + [(len(source) + 1, "")]
    for (start, name), (stop, _) in pairwise(tops):
        if name in SECTIONS[scope]:
            yield start, stop


def _item(values: tuple[object, ...], wanted: Wanted, dialect: Dialect) -> bytes:
    row = row_of(values)
    found = spans(row.source, wanted) if wanted.text else []
    old = (
        b'{"model":' + read_json(row, draft=dialect.says_draft) + b',"fragments":' + dump(fragments(row.source, found))
    )
    if dialect.name == "1.3":
        return old + b"}"
    body = {"namespace": row.namespace, "id": row.id, "editable": True, "matches": matches(row.source, found)}
    return old + b"," + dump(body).strip()[1:]


def fragments(source: str, found: list[Span]) -> list[str]:
    """Pieces of a source around what was found, that between `[mark]` and `[/mark]`; without any, its start."""
    if not found:
        return [source[: 2 * FRAGMENT]]
    pieces = []
    for start, stop in found[:MOST_FRAGMENTS]:
        before, after = source[max(0, start - FRAGMENT) : start], source[stop : stop + FRAGMENT]
        pieces.append(f"{before}[mark]{source[start:stop]}[/mark]{after}")
    return pieces


def matches(source: str, found: list[Span]) -> list[dict[str, object]]:
    """Each place by line (from 1) and column (from 0), with the line's text."""
    rows: list[dict[str, object]] = []
    for start, _ in found[:MOST_MATCHES]:
        begin = source.rfind("\n", 0, start) + 1
        stop = source.find("\n", start)
        snippet = source[begin : stop if stop >= 0 else len(source)].rstrip("\r")
        rows.append({"line": source.count("\n", 0, start) + 1, "column": start - begin, "snippet": snippet})
    return rows


ENDPOINTS: tuple[Endpoint, ...] = (reads("GET", "/flows/source", search_source),)
