"""Replacing in the sources of many flows, as the 2.0 release does: shown first, then done flow by flow or in one place.
A text that is no flow any more is left as it was."""

from __future__ import annotations

import asyncio
import re
import sqlite3
import time
from collections.abc import Callable, Mapping

from starlette.responses import Response

from flowctl.engine.api.flows import source_search
from flowctl.engine.api.flows.checking import CheckedFlow
from flowctl.engine.api.flows.search import DEFAULT_ORDER, FLOWS, QUALIFIED
from flowctl.engine.api.flows.shapes import array, saved_json
from flowctl.engine.api.flows.single import check_text, sound
from flowctl.engine.api.flows.source_search import SECTIONS, Span, Wanted, sections, spans
from flowctl.engine.api.http.endpoint import MODERN, Endpoint, reads, writes
from flowctl.engine.api.http.problems import illegal_argument, not_found
from flowctl.engine.api.http.request import ApiRequest, json_response
from flowctl.engine.api.listing.conditions import Where, add_text
from flowctl.engine.api.listing.filters import Filter, Op
from flowctl.engine.store.jsontext import dump
from flowctl.engine.store.tables import flows
from flowctl.engine.store.tables.flow_rows import FlowRow, Saved
from flowctl.engine.store.tables.flows import row_of

MOST_FLOWS = 1000
Body = Mapping[str, object]
Rewrite = Callable[[FlowRow], "str | Skipped"]


class Skipped(Exception):
    """A flow that is left as it is: NOT_FOUND, NO_MATCH, NO_CHANGE, INVALID_FLOW or UNKNOWN, the last two with a
    message."""

    def __init__(self, reason: str, message: str | None = None) -> None:
        super().__init__(reason)
        self.reason, self.message = reason, message


async def preview(request: ApiRequest) -> Response:
    """`POST /flows/source/replace/preview`: every line that would change, before and after; nothing is saved."""
    body = await _body(request)
    wanted, replacement, where = _wanted(body), _text(body, "replacement"), Where()
    where.add("f.deleted = 0")
    if body.get("namespace"):
        add_text(where, "f.namespace", Filter("namespace", Op.PREFIX, _text(body, "namespace")))
    query = f"SELECT {QUALIFIED} FROM {FLOWS}{where.clause} ORDER BY {DEFAULT_ORDER}"
    rows = await request.context.store.aread(lambda connection: connection.execute(query, where.values).fetchall())
    found = await asyncio.to_thread(_changes, [row_of(row) for row in rows], wanted, replacement)
    total = sum(len(changed) for _, changed in found)
    shown = [{"namespace": row.namespace, "id": row.id, "editable": True, "matches": lines} for row, lines in found]
    counts = {"totalMatches": total, "totalFlows": len(found), "editableFlowCount": len(found)}
    return json_response(counts | {"flows": shown[:MOST_FLOWS]})


def _changes(rows: list[FlowRow], wanted: Wanted, replacement: str) -> list[tuple[FlowRow, list[dict[str, object]]]]:
    end = time.monotonic() + source_search.SECONDS
    found = []
    for row in rows:
        places = spans(row.source, wanted, end)
        if places:
            found.append((row, [_line(row.source, place, wanted, replacement) for place in places]))
    return found


def _line(source: str, place: Span, wanted: Wanted, replacement: str) -> dict[str, object]:
    """The line of a place, before and after that place alone is replaced."""
    begin, stop = source.rfind("\n", 0, place[0]) + 1, source.find("\n", place[1])
    end = stop if stop >= 0 else len(source)
    after = source[begin : place[0]] + _replaced(source[place[0] : place[1]], wanted, replacement)
    return {
        "line": source.count("\n", 0, place[0]) + 1,
        "before": source[begin:end].rstrip("\r"),
        "after": (after + source[place[1] : end]).rstrip("\r"),
    }


def _replaced(text: str, wanted: Wanted, replacement: str) -> str:
    """A text with everything that is found in it replaced; `$1` stands for a group of a regular expression.

    Raises:
        Problem: 422, a pattern or replacement that cannot be.
    """
    from flowctl.language.expressions.errors import ExpressionError
    from flowctl.language.expressions.java import regex as javaregex

    new = replacement if wanted.regex else re.sub(r"([\\$])", r"\\\1", replacement)
    try:
        return javaregex.replace(wanted.pattern, new, text, len(text) + 4 * 1024 * 1024, source_search.SECONDS)
    except ExpressionError as error:
        raise illegal_argument(str(error)) from None


def everywhere(source: str, wanted: Wanted, replacement: str) -> str:
    """A source with all places in the wanted sections replaced."""
    out, at = [], 0
    for start, stop in sections(source, wanted.scope):
        out += [source[at:start], _replaced(source[start:stop], wanted, replacement)]
        at = stop
    return "".join([*out, source[at:]])


async def apply(request: ApiRequest) -> Response:
    """`POST /flows/source/replace/apply`: in the flows of the body; answers those that were saved and those that were
    not, with the reason."""
    body = await _body(request)
    wanted, replacement, keys = _wanted(body), _text(body, "replacement"), _keys(body)

    def rewrite(row: FlowRow) -> str | Skipped:
        if not spans(row.source, wanted):
            return Skipped("NO_MATCH")
        return everywhere(row.source, wanted, replacement)

    saved, skipped = [], []
    for namespace, id_ in keys:
        try:
            saved.append(await _rewrite(request, namespace, id_, rewrite))
        except Skipped as why:
            message = {} if why.message is None else {"message": why.message}
            skipped.append({"namespace": namespace, "id": id_, "reason": why.reason} | message)
    updated = array([saved_json(one, draft=request.context.dialect.says_draft) for one in saved])
    return json_response(b'{"updated":' + updated + b',"skipped":' + dump(skipped) + b"}")


async def _rewrite(request: ApiRequest, namespace: str, id_: str, rewrite: Rewrite) -> Saved:
    """Save a flow anew.

    Raises:
        Skipped: nothing was saved.
    """
    row = request.context.store.read(lambda connection: flows.newest(connection, namespace, id_))
    new = await asyncio.to_thread(rewrite, row) if row is not None else Skipped("NOT_FOUND")
    if isinstance(new, Skipped):
        raise new
    if row is None or new == row.source:
        raise Skipped("NO_CHANGE")
    checked = await check_text(request, new)
    if checked.flow is None or (checked.namespace, checked.id) != (namespace, id_):
        raise Skipped("INVALID_FLOW", checked.constraints() or "its id or namespace would be another one")
    return await _save(request, checked, row)


async def _save(request: ApiRequest, checked: CheckedFlow, row: FlowRow) -> Saved:
    flow, now = sound(checked), request.context.store.now_ms

    def save(connection: sqlite3.Connection) -> Saved | None:
        head = flows.head(connection, flow.namespace, flow.id)
        return flows.save(connection, flow, now) if head and head.revision == row.revision else None

    saved = await request.context.store.awrite(save)
    if saved is None:
        raise Skipped("UNKNOWN", "it was saved by another meanwhile")
    if saved.followers_touched:
        request.context.flow_changed(flow.namespace, flow.id)
    return saved


async def line(request: ApiRequest) -> Response:
    """`POST /flows/source/replace/line`: the place at `line` (from 1) and `column` (from 0), or the first one there.

    Raises:
        Problem: 404, no such flow; 422, nothing is there, or the text would be no flow any more.
    """
    body = await _body(request)
    wanted, replacement = _wanted(body), _text(body, "replacement")
    namespace, id_, number, column = _text(body, "namespace"), _text(body, "id"), body.get("line"), body.get("column")

    def rewrite(row: FlowRow) -> str | Skipped:
        for start, stop in spans(row.source, wanted):
            here = row.source.count("\n", 0, start) + 1, start - row.source.rfind("\n", 0, start) - 1
            if number in (None, here[0]) and column in (None, here[1]):
                return row.source[:start] + _replaced(row.source[start:stop], wanted, replacement) + row.source[stop:]
        return Skipped("NO_MATCH")

    try:
        saved = await _rewrite(request, namespace, id_, rewrite)
    except Skipped as why:
        if why.reason == "NOT_FOUND":
            raise not_found(f"flow {namespace}/{id_}") from None
        raise illegal_argument(f"nothing was saved: {why.message or why.reason}") from None
    return json_response(saved_json(saved, draft=request.context.dialect.says_draft))


async def _body(request: ApiRequest) -> Body:
    body = await request.json()
    if not isinstance(body, dict):
        raise illegal_argument("send {query, replacement, …}")
    return body


def _text(body: Body, name: str) -> str:
    value = body.get(name)
    if not isinstance(value, str):
        raise illegal_argument(f"{name} must be a text, found {value!r}")
    return value


def _wanted(body: Body) -> Wanted:
    query, scope = _text(body, "query"), body.get("scope") or "ALL"
    if not query:
        raise illegal_argument("query must not be empty")
    if scope != "ALL" and scope not in SECTIONS:
        raise illegal_argument(f"scope must be one of ALL, {', '.join(SECTIONS)}, found {scope!r}")
    case, word, regex = (body.get(name) is True for name in ("caseSensitive", "wholeWord", "regex"))
    return Wanted(query, case, word, regex, str(scope))


def _keys(body: Body) -> list[tuple[str, str]]:
    items = body.get("flows")
    if not isinstance(items, list) or not 1 <= len(items) <= MOST_FLOWS:
        raise illegal_argument(f"flows must be a list of 1 to {MOST_FLOWS} {{namespace, id}}")
    keys = [(item.get("namespace"), item.get("id")) for item in items if isinstance(item, dict)]
    found = [(namespace, id_) for namespace, id_ in keys if isinstance(namespace, str) and isinstance(id_, str)]
    if len(found) != len(items):
        raise illegal_argument("each of flows must be {namespace, id}")
    return found


ENDPOINTS: tuple[Endpoint, ...] = (
    reads("POST", "/flows/source/replace/preview", preview, dialects=MODERN),
    writes("POST", "/flows/source/replace/apply", apply, dialects=MODERN),
    writes("POST", "/flows/source/replace/line", line, dialects=MODERN),
)
