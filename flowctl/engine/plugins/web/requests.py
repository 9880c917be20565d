"""Request and Download over HTTP."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import TYPE_CHECKING

from flowctl.engine.plugins.builtin import BuiltIn
from flowctl.engine.plugins.properties import Properties
from flowctl.engine.plugins.protocol import Killed, RunContext, Task, TaskFailure
from flowctl.engine.plugins.web.options import Options, options_of

if TYPE_CHECKING:
    import httpx

LARGEST_BODY = 32 * 1024 * 1024
CHUNK = 64 * 1024
Content = tuple[bytes | None, dict[str, str] | None, list[tuple[str, tuple[str, bytes]]] | None]


@contextmanager
def answer(context: RunContext, properties: Properties, options: Options) -> Iterator[httpx.Response]:
    """The answer to the request that the properties describe, its body not read yet.

    Raises:
        TaskFailure: the request cannot be made.
    """
    try:
        with options.client() as client:
            context.on_kill(client.close)
            with exchange(client, properties, context.files.read) as response:
                yield response
    except TaskFailure as error:
        if context.killed.is_set():
            raise Killed from error
        raise


@contextmanager
def exchange(client: httpx.Client, properties: Properties, read: Callable[[str], bytes]) -> Iterator[httpx.Response]:
    """The same over a client; `read` gives the bytes of a stored file.

    Raises:
        TaskFailure: the request cannot be made.
    """
    import httpx

    uri = properties.required("uri")
    try:
        if not httpx.URL(uri).host:
            raise TaskFailure(f"Target host is not specified: {uri!r}")
        content, fields, parts = _content(properties, read)
        request = client.build_request(
            properties.text("method") or "GET",
            uri,
            params=_params(properties),
            headers=_headers(properties),
            content=content,
            data=fields,
            files=parts,
        )
        response = client.send(request, stream=True)
        try:
            yield response
        finally:
            response.close()
    except (httpx.HTTPError, httpx.InvalidURL, RuntimeError) as error:
        raise TaskFailure(f"{type(error).__name__}: {error or uri}") from error


def _params(properties: Properties) -> dict[str, str] | None:
    found = {name: properties.rendered_text(value) for name, value in properties.mapping("params").items()}
    return found or None


def _headers(properties: Properties) -> list[tuple[str, str]]:
    found: list[tuple[str, str]] = []
    for name, value in properties.mapping("headers").items():
        values = value if isinstance(value, list) else [value]
        found.extend((name, properties.rendered_text(item)) for item in values)
    kind = properties.text("contentType")
    if kind:
        found.append(("Content-Type", kind))
    return found


def _content(properties: Properties, read: Callable[[str], bytes]) -> Content:
    """The body, or the fields and file parts of a form."""
    form = properties.mapping("formData")
    if form:
        return None, *_form(properties, form, read)
    body = properties.text("body")
    charset = properties.nested("options").text("defaultCharset") or "utf-8"
    return (None if body is None else body.encode(charset)), None, None


def _form(
    properties: Properties, form: Mapping[str, object], read: Callable[[str], bytes]
) -> tuple[dict[str, str], list[tuple[str, tuple[str, bytes]]] | None]:
    """Form fields; stored files, and maps of name and content, become file parts."""
    fields: dict[str, str] = {}
    parts: list[tuple[str, tuple[str, bytes]]] = []
    for name, value in form.items():
        if isinstance(value, dict):
            content = str(value.get("content", ""))
            data = read(content) if content.startswith("kestra://") else content.encode()
            parts.append((name, (str(value.get("name", name)), data)))
        elif isinstance(value, str) and value.startswith("kestra://"):
            parts.append((name, (value.rpartition("/")[2], read(value))))
        else:
            fields[name] = properties.rendered_text(value)
    return fields, parts or None


def _judge(response: httpx.Response, options: Options) -> None:
    """Raises TaskFailure for a status that is not allowed."""
    code = response.status_code
    if options.allowed_codes:
        if code in options.allowed_codes:
            return
    elif code < 400 or options.allow_failed:
        return
    raise TaskFailure(f"Failed http request with response code '{code}' for {response.url}")


def shown_headers(response: httpx.Response) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for name, value in response.headers.multi_items():
        found.setdefault(name, []).append(value)
    return found


class Request(BuiltIn):
    """Makes a request."""

    name = "io.kestra.plugin.core.http.Request"
    inline = False

    def run(self, context: RunContext, properties: Properties) -> Mapping[str, object]:
        """`uri`, `code`, `headers`, `body`."""
        options = options_of(properties)
        with answer(context, properties, options) as response:
            data = limited(response)
            charset = response.charset_encoding or options.charset
            body = data.decode(charset, "replace")
            context.log("DEBUG", f"Request '{response.request.url}' with response code '{response.status_code}'")
            _judge(response, options)
            return {
                "uri": str(response.request.url),
                "code": response.status_code,
                "headers": shown_headers(response),
                "body": body,
            }


def limited(response: httpx.Response) -> bytes:
    """The body.

    Raises:
        TaskFailure: it is larger than `LARGEST_BODY`.
    """
    chunks, size = [], 0
    for chunk in response.iter_bytes(CHUNK):
        size += len(chunk)
        if size > LARGEST_BODY:
            raise TaskFailure(f"the answer is larger than {LARGEST_BODY} bytes; use http.Download")
        chunks.append(chunk)
    return b"".join(chunks)


class Download(BuiltIn):
    """Downloads into the storage."""

    name = "io.kestra.plugin.core.http.Download"
    inline = False

    def run(self, context: RunContext, properties: Properties) -> Mapping[str, object]:
        """`uri` of the stored file, `code`, `length`, `headers`."""
        options = options_of(properties)
        target = context.directory / "download"
        with answer(context, properties, options) as response:
            _judge(response, options)
            size = 0
            with target.open("wb") as file:
                for chunk in response.iter_bytes(CHUNK):
                    size += file.write(chunk)
            if size == 0 and properties.flag("failOnEmptyResponse", True):
                raise TaskFailure("No response from server")
            name = properties.text("saveAs") or response.request.url.path.rpartition("/")[2] or "download"
            return {
                "uri": context.files.put_file(name, target),
                "code": response.status_code,
                "length": size,
                "headers": shown_headers(response),
            }


class SseRequest(BuiltIn):
    """Reads a stream of server-sent events to its end."""

    name = "io.kestra.plugin.core.http.SseRequest"
    inline = False

    def run(self, context: RunContext, properties: Properties) -> Mapping[str, object]:
        """`body`: the data of all events joined, `size`: how many there were."""
        options = options_of(properties)
        pieces: list[str] = []
        with answer(context, properties, options) as response:
            _judge(response, options)
            for line in response.iter_lines():
                if line.startswith("data:"):
                    pieces.append(line[5:].removeprefix(" "))
        return {"body": "".join(pieces), "size": len(pieces)}


TASKS: list[Task] = [Request(), Download(), SseRequest()]
