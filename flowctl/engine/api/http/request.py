"""A request as handlers see it: Starlette's, with the server's parts, limits on bodies and typed parameters."""

from __future__ import annotations

from collections.abc import AsyncGenerator

from starlette.datastructures import FormData
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import Receive, Scope

from flowctl.engine.api.context import Context
from flowctl.engine.api.http.problems import Problem, illegal_argument, invalid_parameter, too_large
from flowctl.engine.store.jsontext import dump, load

YAML_TYPES = frozenset({"application/x-yaml"})
FORM_TYPES = frozenset({"multipart/form-data", "application/x-www-form-urlencoded"})
MOST_PARTS = 1000
JSON = "application/json"


class ApiRequest(Request):
    """One request. `context` are the server's parts, `params` the path's parameters, decoded."""

    def __init__(self, scope: Scope, receive: Receive, context: Context, params: dict[str, str]) -> None:
        super().__init__(scope, receive)
        self.context, self.params = context, params
        self._limit = context.limits.json_bytes

    def media_type(self) -> str:
        """The content type without parameters, lower case; empty when there is none."""
        return self.headers.get("content-type", "").partition(";")[0].strip().lower()

    async def stream(self) -> AsyncGenerator[bytes, None]:
        """The body in pieces.

        Raises:
            Problem: 413, it is longer than the limit that was set for it.
        """
        length, limit = self.headers.get("content-length", ""), self._limit
        if length.isdigit() and int(length) > limit:
            raise too_large("the body", limit)
        size = 0
        async for chunk in super().stream():
            size += len(chunk)
            if size > limit:
                raise too_large("the body", limit)
            yield chunk

    async def bytes_up_to(self, limit: int) -> bytes:
        """The whole body.

        Raises:
            Problem: 413, it is longer than `limit` bytes.
        """
        self._limit = limit
        return await self.body()

    async def form_up_to(self, limit: int) -> FormData:
        """A multipart body; its files lie on disk past a megabyte.

        Raises:
            Problem: 413 past `limit` bytes in all, 422 when it is no such body.
        """
        self._limit = limit
        if self.media_type() not in FORM_TYPES:
            raise Problem(self.context.dialect.media_status, "unsupported-media-type", "send multipart/form-data")
        try:
            return await self.form(max_files=MOST_PARTS, max_fields=MOST_PARTS, max_part_size=limit)
        except HTTPException as error:
            raise Problem(422, "invalid-request-body", str(error.detail)) from None

    async def yaml_text(self, limit: int, *, empty: bool = False) -> str:
        """A flow body as text; only `application/x-yaml` is taken (seen on real servers). Where `empty` is set, a
        body that is missing needs no media type.

        Raises:
            Problem: another media type, too long, or not UTF-8.
        """
        if self.media_type() not in YAML_TYPES and not (empty and self.headers.get("content-length", "0") == "0"):
            raise self._wrong_media()
        return decode(await self.bytes_up_to(limit))

    def _wrong_media(self) -> Problem:
        status = self.context.dialect.media_status
        slug = "unsupported-media-type" if status == 415 else "invalid-request-body"
        return Problem(status, slug, f"content type {self.media_type() or 'missing'!r}; send application/x-yaml")

    async def json(self) -> object:
        """The JSON body.

        Raises:
            Problem: too long, or not JSON.
        """
        body = await self.bytes_up_to(self.context.limits.json_bytes)
        try:
            return load(body)
        except ValueError as error:
            raise Problem(422, "invalid-json", str(error)) from None

    def flag(self, name: str, default: bool = False) -> bool:
        """A query parameter that is `true` or `false`.

        Raises:
            Problem: 422, it is neither.
        """
        text = self.query_params.get(name)
        if text is None or text == "":
            return default
        if text.lower() not in ("true", "false"):
            raise invalid_parameter(name, f"must be true or false, found {text!r}")
        return text.lower() == "true"

    def integer(self, name: str, default: int | None = None, minimum: int | None = None) -> int | None:
        """A query parameter that is a whole number of at most nine digits.

        Raises:
            Problem: 422, it is not, or is below `minimum`.
        """
        text = self.query_params.get(name)
        if text is None or text == "":
            return default
        digits = text[1:] if text[:1] in "+-" else text
        if not (digits.isascii() and digits.isdigit()) or len(digits) > 9:
            raise invalid_parameter(name, f"must be a whole number, found {text!r}")
        if minimum is not None and int(text) < minimum:
            raise invalid_parameter(name, f"must be greater than or equal to {minimum}")
        return int(text)

    def required(self, name: str) -> str:
        """A query parameter that must be there.

        Raises:
            Problem: 400, it is not.
        """
        text = self.query_params.get(name)
        if text is None:
            raise Problem(400, "bad-request", f"the query parameter {name!r} is required")
        return text


def decode(data: bytes) -> str:
    """UTF-8 text.

    Raises:
        Problem: 422, with the first byte that is wrong.
    """
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError as error:
        raise illegal_argument(
            f"the text is not UTF-8: byte {error.object[error.start]:#04x} at {error.start}"
        ) from None


def json_response(value: object, status: int = 200) -> Response:
    """An answer from JSON data, or from JSON bytes as they stand."""
    return Response(value if isinstance(value, bytes) else dump(value), status, media_type=JSON)


def empty(status: int = 200) -> Response:
    """An answer without a body."""
    return Response(b"", status)
