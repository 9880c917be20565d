"""Namespace files: read, upload, move, delete, directories."""

from __future__ import annotations

import asyncio
import sqlite3
from collections.abc import Callable
from typing import TypeVar

from starlette.datastructures import UploadFile
from starlette.responses import Response

from flowctl.engine.api.http.archives import BadArchive, entries, pack
from flowctl.engine.api.http.attachments import attachment
from flowctl.engine.api.http.endpoint import Endpoint, reads, writes
from flowctl.engine.api.http.problems import Problem, illegal_argument, not_found
from flowctl.engine.api.http.request import ApiRequest, empty, json_response
from flowctl.engine.api.namespaces.paths import InvalidPath, clean
from flowctl.engine.store.tables import files
from flowctl.engine.store.tables.files import ROOT, FileRow, NotPossible

T = TypeVar("T")
BINARY = "application/octet-stream"
BASE = "/namespaces/{namespace}/files"


def _path(request: ApiRequest, name: str = "path", *, root: bool = False, missing_status: int = 422) -> str:
    """A path parameter, made one; the root where none is given and `root` is set."""
    text = request.query_params.get(name) if root else request.required(name)
    try:
        return clean(text or ROOT, root=root)
    except InvalidPath as error:
        if missing_status == 404:
            raise not_found(str(error)) from None
        raise illegal_argument(str(error)) from None


async def read(request: ApiRequest) -> Response:
    """`GET …/files?path=`: the bytes, of `revision` where one is named."""
    namespace = request.params["namespace"]
    path = _path(request, missing_status=request.context.dialect.traversal_read_status)
    revision = request.integer("revision")
    data = await request.context.store.aread(lambda connection: files.read(connection, namespace, path, revision))
    if data is None:
        raise not_found(f"File does not exist: {path}")
    return Response(data, media_type=BINARY)


async def upload(request: ApiRequest) -> Response:
    """`POST …/files?path=` with `fileContent`: parents are made; a `.zip` is unpacked from the root."""
    path = _path(request)
    form = await request.form_up_to(request.context.limits.upload_bytes)
    part = form.get("fileContent")
    if not isinstance(part, UploadFile):
        raise Problem(400, "bad-request", "the form field 'fileContent' with a file is required")
    data = await part.read()
    contents = await asyncio.to_thread(_unpacked, request, data) if path.lower().endswith(".zip") else [(path, data)]
    await _put(request, contents)
    return empty()


def _unpacked(request: ApiRequest, data: bytes) -> list[tuple[str, bytes]]:
    limits = request.context.limits
    try:
        return [(clean(name), content) for name, content in entries(data, limits.zip_entries, limits.unpacked_bytes)]
    except (BadArchive, InvalidPath) as error:
        raise illegal_argument(str(error)) from None


async def _put(request: ApiRequest, contents: list[tuple[str, bytes]]) -> None:
    namespace, now = request.params["namespace"], request.context.store.now_ms

    def write(connection: sqlite3.Connection) -> None:
        for path, data in contents:
            files.put(connection, namespace, path, data, now)

    await _write(request, write)


async def _write(request: ApiRequest, write: Callable[[sqlite3.Connection], T]) -> T:
    try:
        return await request.context.store.awrite(write)
    except NotPossible as error:
        raise illegal_argument(str(error)) from None


async def move(request: ApiRequest) -> Response:
    """`PUT …/files?from=&to=`: a file, or a directory with all it holds."""
    namespace, now = request.params["namespace"], request.context.store.now_ms
    source, target = _path(request, "from"), _path(request, "to")
    if not await _write(request, lambda connection: files.move(connection, namespace, source, target, now)):
        raise not_found(f"File does not exist: {source}")
    return empty()


async def delete(request: ApiRequest) -> Response:
    """`DELETE …/files?path=`: with all below it, then parents left empty; a missing path is fine (seen)."""
    namespace, path = request.params["namespace"], _path(request, root=True)
    now = request.context.store.now_ms
    await request.context.store.awrite(lambda connection: files.delete(connection, namespace, path, now))
    return empty()


async def make_directory(request: ApiRequest) -> Response:
    """`POST …/files/directory?path=`."""
    namespace, path, now = request.params["namespace"], _path(request), request.context.store.now_ms
    await _write(request, lambda connection: files.make_directory(connection, namespace, path, now))
    return empty()


async def stats(request: ApiRequest) -> Response:
    """`GET …/files/stats?path=`: the attributes of a file or directory; the root is always there."""
    path = _path(request, root=True)
    return json_response(attributes(_find(request, path)))


def _find(request: ApiRequest, path: str) -> FileRow:
    namespace = request.params["namespace"]
    if path == ROOT:
        now = request.context.store.now_ms
        return FileRow(namespace, "/_files", None, 0, 0, now, now)
    row = request.context.store.read(lambda connection: files.find(connection, namespace, path))
    if row is None:
        raise not_found(f"File does not exist: {path}")
    return row


async def list_directory(request: ApiRequest) -> Response:
    """`GET …/files/directory?path=`: one level; an unknown directory is 404."""
    namespace, path = request.params["namespace"], _path(request, root=True)
    if not _find(request, path).directory:
        raise illegal_argument(f"{path} is not a directory")
    rows = await request.context.store.aread(lambda connection: files.children(connection, namespace, path))
    return json_response([attributes(row) for row in rows])


def attributes(row: FileRow) -> dict[str, object]:
    """What a listing says of a file; times in milliseconds."""
    return {
        "type": "Directory" if row.directory else "File",
        "size": row.size,
        "fileName": row.name,
        "lastModifiedTime": row.modified_ms,
        "creationTime": row.created_ms,
        "metadata": {},
    }


async def search(request: ApiRequest) -> Response:
    """`GET …/files/search?q=`: paths of files that contain a text."""
    namespace, text = request.params["namespace"], request.query_params.get("q", "")
    rows = await request.context.store.aread(lambda connection: files.below(connection, namespace, ROOT))
    return json_response([row.path for row in rows if not row.directory and text in row.path])


async def revisions(request: ApiRequest) -> Response:
    """`GET …/files/revisions?path=`: 404 when the file is not there now."""
    namespace, path = request.params["namespace"], _path(request)
    if _find(request, path).directory:
        raise illegal_argument(f"{path} is a directory")
    numbers = request.context.store.read(lambda connection: files.revisions(connection, namespace, path))
    return json_response([{"revision": number} for number in numbers])


async def export(request: ApiRequest) -> Response:
    """`GET …/files/export`: all files as a ZIP."""
    namespace = request.params["namespace"]

    def read_all(connection: sqlite3.Connection) -> dict[str, bytes]:
        rows = [row for row in files.below(connection, namespace, ROOT) if not row.directory]
        return {row.path.lstrip("/"): files.read(connection, namespace, row.path) or b"" for row in rows}

    data = await asyncio.to_thread(lambda: pack(request.context.store.read(read_all)))
    return Response(data, media_type=BINARY, headers=attachment(f"{namespace}_files.zip"))


ENDPOINTS: tuple[Endpoint, ...] = (
    reads("GET", BASE, read),
    writes("POST", BASE, upload),
    writes("PUT", BASE, move),
    writes("DELETE", BASE, delete),
    reads("GET", BASE + "/stats", stats),
    reads("GET", BASE + "/directory", list_directory),
    writes("POST", BASE + "/directory", make_directory),
    reads("GET", BASE + "/search", search),
    reads("GET", BASE + "/revisions", revisions),
    reads("GET", BASE + "/export", export),
)
