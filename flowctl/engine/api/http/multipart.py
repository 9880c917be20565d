"""Form bodies: inputs and files of an execution."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from starlette.datastructures import UploadFile
from starlette.formparsers import MultiPartException, MultiPartParser

from flowctl.engine.api.http.problems import Problem, too_large
from flowctl.engine.api.http.request import ApiRequest

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator

MOST_FIELDS = 2000
FILES = "files"


def refuse_json(request: ApiRequest) -> None:
    """2.0 takes forms only.

    Raises:
        Problem: 415, the body is JSON.
    """
    if request.media_type() == "application/json" and request.context.dialect.name == "2.0":
        raise Problem(415, "unsupported-media-type", "send multipart/form-data, or no body")


async def form_of(request: ApiRequest) -> Mapping[str, object]:
    """The parts of a multipart body: text, or `Upload` for a file. Empty without a body.

    The part name `files` with the input's id as file name is the way of older clients.

    Raises:
        Problem: 413, too much; 422, no proper multipart body.
    """
    from flowctl.engine.executor.lifecycle.givens import Upload

    if request.media_type() != "multipart/form-data" or "boundary=" not in request.headers["content-type"].lower():
        await _no_form(request)
        return {}
    limit = request.context.limits.upload_bytes
    parser = MultiPartParser(
        request.headers, _bounded(request, limit), max_files=MOST_FIELDS, max_fields=MOST_FIELDS, max_part_size=limit
    )
    try:
        parts = await parser.parse()
    except (MultiPartException, KeyError) as error:
        raise Problem(422, "invalid-request-body", f"not a multipart form: {error}") from None
    found: dict[str, object] = {}
    for name, value in parts.multi_items():
        if not isinstance(value, UploadFile):
            found[name] = value
            continue
        data = await value.read()
        await value.close()
        file_name = value.filename or name
        found[file_name if name == FILES else name] = Upload(file_name, data)
    return found


async def _no_form(request: ApiRequest) -> None:
    """Take a body that is no form. Java's client says `multipart/form-data` without a boundary when it sends none."""
    body = await request.bytes_up_to(request.context.limits.json_bytes)
    if body and request.media_type() == "multipart/form-data":
        raise Problem(422, "invalid-request-body", "not a multipart form: the content type names no boundary")


async def _bounded(request: ApiRequest, limit: int) -> AsyncGenerator[bytes, None]:
    size = 0
    async for chunk in request.stream():
        size += len(chunk)
        if size > limit:
            raise too_large("an upload", limit)
        yield chunk
