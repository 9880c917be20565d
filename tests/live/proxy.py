"""A proxy on a loopback port that breaks writes to one flow while it is told to, and hides what only flowctl's own
server can do: behind it is a server like any other, of any edition."""

from __future__ import annotations

import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import TracebackType

import httpx

DROPPED = frozenset(
    {
        "transfer-encoding",
        "connection",
        "content-encoding",
        "content-length",
        "host",
        "date",
        "server",
        "flowctl-capabilities",
    }
)


class BreakingProxy:
    """Forwards everything to `target`; writes whose body or path names `broken` are answered with 500."""

    def __init__(self, target: str, edition: str = "OSS") -> None:
        self.broken: str | None = None
        self.refused = 0
        proxy, client = self, httpx.Client(base_url=target, timeout=60)
        stated = f'"edition":"{edition}"'.encode()

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def forward(self) -> None:
                body = self.rfile.read(int(self.headers.get("content-length") or 0))
                if proxy.breaks(self.command, self.path, body):
                    self.answer(500, {}, b'{"message":"out of order"}')
                    return
                if "/flowctl/" in self.path:
                    self.answer(404, {}, b'{"message":"Not Found"}')
                    return
                headers = {name: value for name, value in self.headers.items() if name.lower() not in DROPPED}
                found = client.request(self.command, self.path, headers=headers, content=body)
                kept = {name: value for name, value in found.headers.items() if name.lower() not in DROPPED}
                self.answer(found.status_code, kept, found.content.replace(b'"edition":"OSS"', stated))

            def answer(self, status: int, headers: dict[str, str], body: bytes) -> None:
                self.send_response(status)
                for name, value in headers.items():
                    self.send_header(name, value)
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            do_GET = do_POST = do_PUT = do_DELETE = forward

            def log_message(self, *_: object) -> None:
                """Quiet."""

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self._server.server_address[1]}"
        threading.Thread(target=self._server.serve_forever, daemon=True).start()

    def breaks(self, method: str, path: str, body: bytes) -> bool:
        writes = method in ("POST", "PUT") and "/flows" in path and "validate" not in path
        broken = writes and self.broken is not None and f"id: {self.broken}\n".encode() in body
        self.refused += broken
        return broken

    def __enter__(self) -> BreakingProxy:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._server.shutdown()
        self._server.server_close()
