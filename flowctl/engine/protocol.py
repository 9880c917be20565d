"""HTTP/1.1 on the wire, with a bound on what may arrive before a request is understood."""

from __future__ import annotations

import time
from email.utils import formatdate
from functools import lru_cache

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

MOST_HEAD_BYTES = 128 * 1024
SENT_NAMES = "flowctl.header_names"
"""The extension of a request's scope that has names of headers as they were sent, by their lower case."""
REFUSAL = b"HTTP/1.1 431 Request Header Fields Too Large\r\nconnection: close\r\ncontent-length: 0\r\n\r\n"


@lru_cache(maxsize=1)
def dated(second: int) -> list[tuple[bytes, bytes]]:
    """The headers that every answer has: its date, as seconds since 1970."""
    return [(b"date", formatdate(second, usegmt=True).encode())]


class BoundedProtocol(HttpToolsProtocol):
    """uvicorn's protocol that hangs up on a request line and headers past `MOST_HEAD_BYTES`.

    The parser itself would keep collecting a header for as long as somebody sends one.
    """

    _in_head = False
    _head_bytes = 0

    def data_received(self, data: bytes) -> None:
        """Count what comes while headers are incomplete."""
        super().data_received(data)
        self._head_bytes = self._head_bytes + len(data) if self._in_head else 0
        if self._head_bytes > MOST_HEAD_BYTES and not self.transport.is_closing():
            self.transport.write(REFUSAL)
            self.transport.close()

    def on_message_begin(self) -> None:
        """A request starts."""
        self._in_head = True
        super().on_message_begin()

    def on_header(self, name: bytes, value: bytes) -> None:
        """Remember how the name was written: the application sees it in lower case."""
        extensions: dict[str, dict[object, object]] = self.scope.setdefault("extensions", {})
        names = extensions.setdefault(SENT_NAMES, {})
        names[name.lower().decode("latin-1")] = name.decode("latin-1")
        super().on_header(name, value)

    def on_headers_complete(self) -> None:
        """From here on the application bounds what is read. The answer will have the date of now."""
        self._in_head = False
        self.server_state.default_headers = dated(int(time.time()))
        super().on_headers_complete()
