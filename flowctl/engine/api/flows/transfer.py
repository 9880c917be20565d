"""Export and import of flows."""

from __future__ import annotations

import asyncio
import csv
import io
import sqlite3

from starlette.datastructures import UploadFile
from starlette.responses import Response

from flowctl.engine.api.flows.checking import CheckedFlow
from flowctl.engine.api.flows.documents import split
from flowctl.engine.api.flows.search import FLOWS, QUALIFIED, matching
from flowctl.engine.api.flows.selection import ids_of
from flowctl.engine.api.http.archives import BadArchive, entries, pack
from flowctl.engine.api.http.attachments import attachment
from flowctl.engine.api.http.endpoint import Endpoint, reads, writes
from flowctl.engine.api.http.problems import ErrorItem, Problem, illegal_argument, invalid_entity, not_found
from flowctl.engine.api.http.request import ApiRequest, decode, json_response
from flowctl.engine.store.tables import flows
from flowctl.engine.store.tables.flow_rows import FlowRow, Saved
from flowctl.engine.store.tables.flows import row_of

BINARY = "application/octet-stream"


async def export_by_query(request: ApiRequest) -> Response:
    """`GET /flows/export/by-query`: a ZIP with one `NAMESPACE-ID.yml` per flow, texts byte for byte (seen)."""
    rows = await _matching_rows(request)
    return await _zip({f"{row.namespace}-{row.id}.yml": row.source.encode() for row in rows})


async def export_by_ids(request: ApiRequest) -> Response:
    """`POST /flows/export/by-ids`: entries are `NAMESPACE.ID.yaml`; an unknown id is 404."""
    keys = await ids_of(request)
    found = await request.context.store.aread(lambda c: [(key, flows.newest(c, *key)) for key in keys])
    packed: dict[str, bytes] = {}
    for (namespace, id_), row in found:
        if row is None:
            raise not_found(f"flow {namespace}/{id_}")
        packed[f"{namespace}.{id_}.yaml"] = row.source.encode()
    return await _zip(packed)


async def export_csv(request: ApiRequest) -> Response:
    """`GET /flows/export/by-query/csv`."""
    rows = await _matching_rows(request)
    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerow(("namespace", "id", "revision", "disabled"))
    writer.writerows((row.namespace, row.id, row.revision, str(row.disabled).lower()) for row in rows)
    return Response(out.getvalue(), media_type="text/csv", headers=attachment("flows.csv"))


async def _matching_rows(request: ApiRequest) -> list[FlowRow]:
    where = matching(request)
    query = f"SELECT {QUALIFIED} FROM {FLOWS}{where.clause} ORDER BY f.namespace, f.id"
    return await request.context.store.aread(lambda c: [row_of(row) for row in c.execute(query, where.values)])


async def _zip(packed: dict[str, bytes]) -> Response:
    data = await asyncio.to_thread(pack, packed)
    return Response(data, media_type=BINARY, headers=attachment("flows.zip"))


async def import_flows(request: ApiRequest) -> Response:
    """`POST /flows/import`: a `.zip`, `.yml` or `.yaml` as `fileUpload`; saves what is sound, answers what is not.

    With `failOnError` nothing is written unless everything is sound (422).
    """
    name, data = await _upload(request)
    texts = await asyncio.to_thread(_texts, name, data, request)
    checked = [(label, request.context.checker.check(text)) for label, text in texts]
    failed = [label for label, item in checked if item.flow is None]
    if failed and request.flag("failOnError"):
        raise invalid_entity([ErrorItem("flow could not be imported", label) for label in failed])
    await _save(request, [item for _, item in checked])
    return json_response(failed)


async def _upload(request: ApiRequest) -> tuple[str, bytes]:
    form = await request.form_up_to(request.context.limits.upload_bytes)
    part = form.get("fileUpload")
    if not isinstance(part, UploadFile):
        raise Problem(400, "bad-request", "the form field 'fileUpload' with a file is required")
    return part.filename or "", await part.read()


def _texts(name: str, data: bytes, request: ApiRequest) -> list[tuple[str, str]]:
    """The flow texts of an upload, each with the word that names it in the answer."""
    extension = name.rpartition(".")[2].lower() if "." in name else ""
    if extension in ("yml", "yaml"):
        return [(str(index), text.removeprefix("\n")) for index, text in enumerate(split(decode(data)))]
    if extension != "zip":
        raise illegal_argument(f"Cannot import file of type .{extension}")
    limits = request.context.limits
    try:
        found = entries(data, limits.zip_entries, limits.unpacked_bytes)
    except BadArchive as error:
        raise illegal_argument(str(error)) from None
    return [
        (path, text)
        for path, content in found
        if path.lower().endswith((".yml", ".yaml"))
        for text in split(decode(content))
    ]


async def _save(request: ApiRequest, checked: list[CheckedFlow]) -> None:
    new, now = [item.flow for item in checked if item.flow], request.context.store.now_ms

    def write(connection: sqlite3.Connection) -> list[Saved]:
        return [flows.save(connection, flow, now) for flow in new]

    for saved in await request.context.store.awrite(write):
        if saved.followers_touched:
            request.context.flow_changed(saved.row.namespace, saved.row.id)


ENDPOINTS: tuple[Endpoint, ...] = (
    reads("GET", "/flows/export/by-query", export_by_query),
    reads("GET", "/flows/export/by-query/csv", export_csv),
    reads("POST", "/flows/export/by-ids", export_by_ids),
    writes("POST", "/flows/import", import_flows),
)
