"""HTTP tasks against a real server on a loopback port."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from flowctl.engine.executor.lifecycle import actions
from tests.engine.running import Engine, flow, output

REQUEST = "io.kestra.plugin.core.http.Request"


class Handler(BaseHTTPRequestHandler):
    """Echoes what it gets; `/status/N` answers N, `/slow` waits until the test is over."""

    over = threading.Event()

    def _answer(self) -> None:
        length = int(self.headers.get("Content-Length") or 0)
        body = self.rfile.read(length)
        if self.path == "/slow":
            self.over.wait(20)
        status = int(self.path.rpartition("/")[2]) if self.path.startswith("/status/") else 200
        echo = f"{self.command} {self.path} {self.headers.get('Authorization')} {self.headers.get('Content-Type')} "
        data = b"" if self.path == "/empty" else echo.encode() + body
        self.send_response(status)
        self.send_header("Content-Length", str(len(data)))
        self.send_header("X-Seen", "yes")
        self.end_headers()
        self.wfile.write(data)

    do_GET = do_POST = do_PUT = do_DELETE = _answer

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - name of the base class
        """Say nothing."""


@pytest.fixture
def base() -> Iterator[str]:
    Handler.over.clear()
    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield f"http://127.0.0.1:{server.server_address[1]}"
    Handler.over.set()
    server.shutdown()
    server.server_close()
    thread.join()


def request(uri: str, *more: str, kind: str = REQUEST) -> str:
    return f"  - id: t\n    type: {kind}\n    uri: {uri}\n" + "".join(f"    {line}\n" for line in more)


def test_a_request_gives_code_headers_and_body(running: Engine, base: str) -> None:
    more = ("method: POST", 'body: "n={{ flow.id }}"', "contentType: text/plain", "params: {q: '1 2'}")
    found = output(running.run(flow(request(f"{base}/x", *more))), "t")
    assert (found["code"], found["body"]) == (200, "POST /x?q=1+2 None text/plain n=f")
    headers = found["headers"]
    assert isinstance(headers, dict)
    assert headers["x-seen"] == ["yes"]


@pytest.mark.parametrize(
    ("auth", "header"),
    [
        ("auth: {type: BASIC, username: u, password: p}", "Basic dTpw"),
        ("auth: {type: BEARER, token: abc}", "Bearer abc"),
        ("basicAuthUser: u\n      basicAuthPassword: p", "Basic dTpw"),
    ],
)
def test_credentials_in_both_spellings(running: Engine, base: str, auth: str, header: str) -> None:
    found = output(running.run(flow(request(f"{base}/x", f"options:\n      {auth}"))), "t")
    assert f" {header} " in str(found["body"])


@pytest.mark.parametrize(
    ("code", "more", "state"),
    [
        (404, (), "FAILED"),
        (500, (), "FAILED"),
        (404, ("allowFailed: true",), "SUCCESS"),
        (404, ("options: {allowFailed: true}",), "SUCCESS"),
        (404, ("options: {allowedResponseCodes: [404]}",), "SUCCESS"),
        (200, ("options: {allowedResponseCodes: [404]}",), "FAILED"),
    ],
)
def test_which_status_fails_the_task(running: Engine, base: str, code: int, more: tuple[str, ...], state: str) -> None:
    assert running.run(flow(request(f"{base}/status/{code}", *more))).state == state


@pytest.mark.parametrize("uri", ["no-host", "http://127.0.0.1:1/x", "http://", "ftp://127.0.0.1/x"])
def test_what_cannot_be_reached_fails_with_a_message(running: Engine, uri: str) -> None:
    ended = running.run(flow(request(f"'{uri}'", "allowFailed: true")))
    assert ended.state == "FAILED"
    assert running.messages(ended.id, "ERROR")


def test_a_download_is_stored(running: Engine, base: str) -> None:
    text = request(f"{base}/dir/file.bin", kind="io.kestra.plugin.core.http.Download")
    read = '  - {id: r, type: io.kestra.plugin.core.debug.Return, format: "{{ read(outputs.t.uri) }}"}\n'
    ended = running.run(flow(text + read))
    assert str(output(ended, "t")["uri"]).endswith("/file.bin")
    assert str(output(ended, "r")["value"]).startswith("GET /dir/file.bin")


def test_an_empty_download_fails_unless_allowed(running: Engine, base: str) -> None:
    kind = "io.kestra.plugin.core.http.Download"
    assert running.run(flow(request(f"{base}/empty", kind=kind))).state == "FAILED"
    fine = running.run(flow(request(f"{base}/empty", "failOnEmptyResponse: false", kind=kind)))
    assert output(fine, "t")["length"] == 0


def test_form_data_with_a_file(running: Engine, base: str) -> None:
    write = "  - {id: w, type: io.kestra.plugin.core.storage.Write, content: inside}\n"
    form = "formData:\n      a: plain\n      f: {name: up.txt, content: '{{ outputs.w.uri }}'}"
    found = output(running.run(flow(write + request(f"{base}/x", "method: POST", form))), "t")
    body = str(found["body"])
    assert all(part in body for part in ('name="a"', "plain", 'filename="up.txt"', "inside"))


def test_a_kill_does_not_wait_for_the_answer(running: Engine, base: str) -> None:
    id_ = running.start(*running.save(flow(request(f"{base}/slow"))))
    running.wait(id_, lambda execution: any(run.state == "RUNNING" for run in execution.runs.values()))
    running.command(id_, actions.kill)
    assert running.wait(id_).state == "KILLED"
