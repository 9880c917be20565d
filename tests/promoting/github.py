"""A local stand-in of GitHub's pull request endpoints, on a loopback port: same routes, filters and error bodies."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, urlsplit

TOKEN = "secret-token"
PULLS = "/repos/me/flows/pulls"


@dataclass
class GitHub:
    """Keeps the pull requests of `me/flows`."""

    url: str
    pulls: list[dict[str, object]] = field(default_factory=list)

    def answer(self, method: str, target: str, token: str | None, body: dict[str, object]) -> tuple[int, object]:
        """Status and body of an answer."""
        path, query = urlsplit(target).path, parse_qs(urlsplit(target).query)
        if token != f"Bearer {TOKEN}":
            return 401, {"message": "Bad credentials"}
        if (method, path) == ("GET", PULLS):
            return 200, [pull for pull in self.pulls if self._matches(pull, query)]
        if (method, path) == ("POST", PULLS):
            return self._create(body)
        if method == "PATCH" and path.startswith(f"{PULLS}/"):
            pull = self.pulls[int(path.rpartition("/")[2]) - 1]
            pull.update(body)
            return 200, pull
        return 404, {"message": "Not Found"}

    def _matches(self, pull: dict[str, object], query: dict[str, list[str]]) -> bool:
        """`head` is `owner:branch` (https://docs.github.com/en/rest/pulls/pulls#list-pull-requests)."""
        wanted = (query.get("head", [""])[0], query.get("base", [""])[0], query.get("state", ["open"])[0])
        return (f"me:{pull['head']}", pull["base"], pull["state"]) == wanted

    def _create(self, body: dict[str, object]) -> tuple[int, object]:
        if any((pull["head"], pull["state"]) == (body["head"], "open") for pull in self.pulls):
            return 422, {"message": "Validation Failed", "errors": [{"message": "A pull request already exists"}]}
        number = len(self.pulls) + 1
        address = f"https://github.example/me/flows/pull/{number}"
        self.pulls.append({"number": number, "state": "open", "html_url": address, **body})
        return 201, self.pulls[-1]


@contextmanager
def running() -> Iterator[GitHub]:
    """The stand-in while the block runs."""

    class Handler(BaseHTTPRequestHandler):
        def _handle(self) -> None:
            length = int(self.headers.get("Content-Length") or 0)
            body = json.loads(self.rfile.read(length)) if length else {}
            status, found = github.answer(self.command, self.path, self.headers.get("Authorization"), body)
            data = json.dumps(found).encode()
            self.send_response(status)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(data)))
            self.end_headers()
            self.wfile.write(data)

        do_GET = do_POST = do_PATCH = _handle

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002  # the base class's own name
            """Say nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    github = GitHub(f"http://127.0.0.1:{server.server_port}")
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield github
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
