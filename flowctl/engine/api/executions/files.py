"""Files of executions: download, size, preview."""

from __future__ import annotations

import asyncio
import codecs
import json
from pathlib import Path

from starlette.responses import FileResponse, Response

from flowctl.engine.api.executions.single import execution_of
from flowctl.engine.api.http.attachments import attachment
from flowctl.engine.api.http.endpoint import Endpoint, reads
from flowctl.engine.api.http.problems import illegal_argument, not_found
from flowctl.engine.api.http.request import ApiRequest, json_response
from flowctl.engine.api.runtime import executor_of
from flowctl.engine.executor.records.records import Execution
from flowctl.engine.store.tables import executions
from flowctl.language.textlines import lines_of

PREVIEW_BYTES = 1024 * 1024


def _file(request: ApiRequest) -> tuple[str, Path]:
    """The address and the file: of the execution in the path, or of another that is there (to which servers redirect).

    Raises:
        Problem: 404, there is no such file of an execution.
    """
    from flowctl.engine.executor.records.storage import NoSuchFile

    execution = execution_of(request)
    uri = request.required("path")
    storage = executor_of(request.context).services.storage
    try:
        path = storage.existing(uri)
    except NoSuchFile as error:
        raise not_found(str(error)) from None
    owner = _owner(request, execution, storage.root, path)
    if owner is None or not path.is_relative_to(storage.root / executions.storage_folder(owner)):
        raise not_found(f"{uri} is no file of execution {execution.id}, nor of another")
    return uri, path


def _owner(request: ApiRequest, execution: Execution, root: Path, path: Path) -> Execution | None:
    """The execution that a file's path names."""
    parts = path.relative_to(root).parts
    places = [at for at, part in enumerate(parts[:-1]) if part == "executions"]
    names = [parts[at + 1] for at in places]
    if execution.id in names:
        return execution
    found = request.context.store.read(lambda connection: [executions.head(connection, name) for name in names])
    return next((other for other in found if other is not None), None)


async def download(request: ApiRequest) -> Response:
    """`GET /executions/{id}/file?path=`."""
    _, path = _file(request)
    return FileResponse(path, headers=attachment(path.name), media_type="application/octet-stream")


async def metas(request: ApiRequest) -> Response:
    """`GET /executions/{id}/file/metas?path=`."""
    return json_response({"size": _file(request)[1].stat().st_size})


async def preview(request: ApiRequest) -> Response:
    """`GET /executions/{id}/file/preview?path=&maxRows=&encoding=`: the beginning of a file as text."""
    _, path = _file(request)
    encoding, rows = request.query_params.get("encoding") or "utf-8", request.integer("maxRows", 100, minimum=1) or 100
    try:
        codecs.lookup(encoding)
    except LookupError:
        raise illegal_argument(f"Unsupported encoding: {encoding}") from None
    return json_response(await asyncio.to_thread(_preview, path, encoding, rows))


def _preview(path: Path, encoding: str, rows: int) -> dict[str, object]:
    with path.open("rb") as file:
        data = file.read(PREVIEW_BYTES)
    lines = lines_of(data.decode(encoding, "replace"))
    truncated = len(lines) > rows or path.stat().st_size > len(data)
    extension = path.suffix.lstrip(".")
    content: object = "\n".join(lines[:rows])
    kind = "TEXT"
    if extension in ("jsonl", "ion"):
        kind, content = "LIST", [json.loads(line) for line in lines[:rows] if line.strip()]
    return {"extension": extension, "type": kind, "content": content, "maxLine": rows, "truncated": truncated}


ENDPOINTS: tuple[Endpoint, ...] = (
    reads("GET", "/executions/{execution}/file", download),
    reads("GET", "/executions/{execution}/file/metas", metas),
    reads("GET", "/executions/{execution}/file/preview", preview),
)
