"""Request and Download over HTTP."""

from __future__ import annotations

import codecs
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import TYPE_CHECKING

from flowctl.engine.plugins.builtin import BuiltIn
from flowctl.engine.plugins.properties import Properties
from flowctl.engine.plugins.protocol import Killed, Result, RunContext, Task, TaskFailure
from flowctl.engine.plugins.web.addresses import address
from flowctl.engine.plugins.web.bodies import carried
from flowctl.engine.plugins.web.options import Options, options_of

if TYPE_CHECKING:
    import httpx

LARGEST_BODY = 32 * 1024 * 1024
CHUNK = 64 * 1024
WITHOUT_BODY = (204, 304)


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

    uri = address(properties)
    try:
        if not httpx.URL(uri).host:
            raise TaskFailure(f"Target host is not specified: {uri!r}")
        sent = carried(properties, read)
        request = client.build_request(
            properties.text("method") or "GET",
            uri,
            headers=sent.headers,
            content=sent.content,
            data=sent.fields,
            files=sent.parts,
        )
        response = client.send(request, stream=True)
        try:
            yield response
        finally:
            response.close()
    except (httpx.HTTPError, httpx.InvalidURL, RuntimeError) as error:
        raise TaskFailure(f"{type(error).__name__}: {error or uri}") from error


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
    """The values of each header, by its name in small letters, in the order of the names."""
    found: dict[str, list[str]] = {}
    for name, value in sorted(response.headers.multi_items(), key=lambda pair: pair[0]):
        found.setdefault(name, []).append(value)
    return found


class Request(BuiltIn):
    """Makes a request."""

    name = "io.kestra.plugin.core.http.Request"
    inline = False

    def run(self, context: RunContext, properties: Properties) -> Result:
        """`uri` as asked for (not where it led), `code`, `headers`, and `body` where there is one: with `encryptBody`
        it is `encryptedBody`, which is kept sealed."""
        name = "encryptedBody" if properties.flag("encryptBody") else "body"
        options = options_of(properties)
        with answer(context, properties, options) as response:
            body = _body(response)
            context.log("DEBUG", f"Request '{response.request.url}' with response code '{response.status_code}'")
            _judge(response, options)
            outputs: dict[str, object] = {
                "uri": address(properties),
                "code": response.status_code,
                "headers": shown_headers(response),
            }
        if body is None:
            return Result(outputs)
        return Result({**outputs, name: body}, encrypted=[name] if name == "encryptedBody" else [])


def _body(response: httpx.Response) -> str | None:
    """The body as text, by the character set that the answer names; None when such an answer has none."""
    if response.request.method == "HEAD" or response.status_code in WITHOUT_BODY:
        return None
    return limited(response).decode(charset_of(response), "replace")


def charset_of(response: httpx.Response) -> str:
    """The character set that an answer names; UTF-8 when it names none, or one that nobody knows."""
    charset = response.charset_encoding or "utf-8"
    try:
        return codecs.lookup(charset).name
    except LookupError:
        return "utf-8"


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


TASKS: list[Task] = [Request(), Download()]
