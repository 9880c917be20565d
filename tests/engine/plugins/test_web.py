"""HTTP tasks against a real server on a loopback port."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from flowctl.engine.executor.lifecycle import actions
from flowctl.engine.executor.records.secretplaces import shown_run_outputs
from tests.engine.running import Engine, flow, output

REQUEST = "io.kestra.plugin.core.http.Request"
SSE = "io.kestra.plugin.core.http.SseRequest"


STREAMS = {
    "/sse": ": hello\nid: 1\nevent: x\ndata: one\ndata: more\n\nretry: 10\ndata:2\n\ndata: unfinished",
    "/chat": 'data: {"t": "Hel"}\r\n\r\ndata: {"t": "lo"}\r\n\r\ndata: [DONE]\r\n\r\n',
}


class Handler(BaseHTTPRequestHandler):
    """Echoes what it gets; `/status/N` answers N, `/slow` waits until the test is over."""

    over = threading.Event()

    def _answer(self) -> None:
        length = int(self.headers.get("Content-Length") or 0)
        body = self.rfile.read(length)
        if self.path.startswith("/moved"):
            self._moved()
            return
        if self.path == "/guarded" and "Authorization" not in self.headers:
            self._challenge()
            return
        if self.path == "/slow":
            self.over.wait(20)
        status = int(self.path.rpartition("/")[2]) if self.path.startswith("/status/") else 200
        echo = f"{self.command} {self.path} {self.headers.get('Authorization')} {self.headers.get('Content-Type')} "
        data = b"" if self.path == "/empty" else echo.encode() + body
        if self.path in STREAMS:
            data = STREAMS[self.path].encode()
        self.send_response(status)
        self.send_header("Content-Length", str(len(data)))
        self.send_header("X-Seen", "yes")
        self.end_headers()
        self.wfile.write(data)

    def _challenge(self) -> None:
        self.send_response(401)
        self.send_header("WWW-Authenticate", 'Digest realm="here", nonce="n", qop="auth", algorithm=MD5')
        self.send_header("Content-Length", "0")
        self.end_headers()

    def _moved(self) -> None:
        self.send_response(302)
        self.send_header("Location", "/there")
        self.send_header("Content-Length", "0")
        self.end_headers()

    do_GET = do_HEAD = do_POST = do_PUT = do_DELETE = _answer

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
    assert (found["code"], found["body"]) == (200, "POST /x?q=1%202 None text/plain; charset=UTF-8 n=f")
    headers = found["headers"]
    assert isinstance(headers, dict)
    assert headers["x-seen"] == ["yes"]


READ = '  - {id: r, type: io.kestra.plugin.core.debug.Return, format: "{{ outputs.t.encryptedBody }}"}\n'


def test_an_encrypted_body_is_read_by_expressions_and_shown_to_nobody(running: Engine, base: str) -> None:
    ended = running.run(flow(request(f"{base}/x", "encryptBody: true") + READ))
    assert output(ended, "r")["value"] == "GET /x None application/json "
    assert "body" not in output(ended, "t")
    shown = shown_run_outputs(next(run for run in ended.runs.values() if run.task_id == "t"))
    assert shown["encryptedBody"] == {"type": "io.kestra.datatype:aes_encrypted", "value": "******"}
    assert ended.sealed


def test_encrypting_may_be_said_by_an_expression(running: Engine, base: str) -> None:
    ended = running.run(flow(request(f"{base}/x", 'encryptBody: "{{ 1 == 1 }}"')))
    assert output(ended, "t")["encryptedBody"] == "GET /x None application/json "
    assert ended.sealed
    ended = running.run(flow(request(f"{base}/x", "encryptBody: false")))
    assert output(ended, "t")["body"] == "GET /x None application/json "
    assert not ended.sealed


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


def test_a_digest_answers_the_challenge(running: Engine, base: str) -> None:
    login = "options:\n      auth: {type: DIGEST, username: u, password: p}"
    found = output(running.run(flow(request(f"{base}/guarded", login))), "t")
    assert 'Digest username="u", realm="here"' in str(found["body"])


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


@pytest.mark.parametrize(
    ("more", "kind"),
    [
        ((), "application/json"),
        (("headers: {X-A: b}",), "None"),
        (("contentType: text/csv",), "text/csv"),
        (("method: POST", "body: x"), "application/json; charset=UTF-8"),
        (("method: POST", "body: x", "headers: {X-A: b}"), "application/json; charset=UTF-8"),
        (("method: POST", "body: x", "headers: {content-type: text/xml}", "contentType: a/b"), "text/xml"),
        (("method: POST", "body: x", "options: {defaultCharset: ISO-8859-1}"), "application/json; charset=ISO-8859-1"),
        (("method: POST", "body: x", "contentType: 'a/b; charset=utf-16'"), "a/b; charset=utf-16"),
        (("method: POST", "formData: {a: 1}"), "application/x-www-form-urlencoded"),
        (("method: POST", "formData: {a: 1}", "contentType: a/b"), "application/x-www-form-urlencoded"),
        (("method: POST", "formData: {a: 1}", "contentType: multipart/form-data"), "multipart/form-data; boundary="),
    ],
    ids=lambda value: "-".join(value)[:60] if isinstance(value, tuple) else value[:30],
)
def test_the_content_type(running: Engine, base: str, more: tuple[str, ...], kind: str) -> None:
    body = str(output(running.run(flow(request(f"{base}/x", *more))), "t")["body"])
    assert f"/x None {kind}" in body


@pytest.mark.parametrize(
    ("uri", "params", "asked"),
    [
        ("/x?z=1", "{a: b}", "/x?z=1&a=b"),
        ("/x?a=1", "{a: 2}", "/x?a=1&a=2"),
        ("/x", "{a: [1, 'b c'], n: null, e: [], s: ''}", "/x?a=1&a=b%20c&s="),
        ("/x?", "{a&b: c=d}", "/x?a%26b=c%3Dd"),
        ("/x#part", "{a: b}", "/x?a=b"),
    ],
)
def test_params_are_added_to_the_address(running: Engine, base: str, uri: str, params: str, asked: str) -> None:
    found = output(running.run(flow(request(f"'{base}{uri}'", f"params: {params}"))), "t")
    assert f"GET {asked} " in str(found["body"])


def test_the_address_in_the_outputs_is_the_one_asked_for(running: Engine, base: str) -> None:
    found = output(running.run(flow(request(f"{base}/moved", "params: {a: b}"))), "t")
    assert found["uri"] == f"{base}/moved?a=b"
    assert "GET /there " in str(found["body"])


@pytest.mark.parametrize(("path", "more"), [("/x", "method: HEAD"), ("/status/204", "method: GET")])
def test_an_answer_without_body_has_none_in_the_outputs(running: Engine, base: str, path: str, more: str) -> None:
    assert "body" not in output(running.run(flow(request(base + path, more))), "t")


def test_a_token_wins_over_a_header(running: Engine, base: str) -> None:
    more = ("options: {auth: {type: BEARER, token: abc}}", "headers: {Authorization: mine}")
    assert " Bearer abc " in str(output(running.run(flow(request(f"{base}/x", *more))), "t")["body"])


def test_headers_may_have_any_letter(running: Engine, base: str) -> None:
    assert running.run(flow(request(f"{base}/x", "headers: {X-A: ' grüße ☃ '}"))).state == "SUCCESS"


def test_an_unknown_character_set_fails_with_a_sentence(running: Engine, base: str) -> None:
    ended = running.run(flow(request(f"{base}/x", "body: x", "options: {defaultCharset: nope}")))
    assert running.messages(ended.id, "ERROR") == ["ERROR t: there is no character set 'nope'; UTF-8 is one"]


def test_events_of_a_stream(running: Engine, base: str) -> None:
    found = output(running.run(flow(request(f"{base}/sse", kind=SSE))), "t")
    events = [{"data": "one\nmore", "id": "1", "name": "x"}, {"data": 2, "retry": 0.01}]
    assert found == {"uri": f"{base}/sse", "size": 2, "events": events}


def test_texts_of_events_joined(running: Engine, base: str) -> None:
    more = ("concatJqExpression: .data.t", "failedOnMissingJq: false")
    found = output(running.run(flow(request(f"{base}/chat", *more, kind=SSE))), "t")
    assert found == {"uri": f"{base}/chat", "size": 3, "result": "Hello"}
    assert running.run(flow(request(f"{base}/chat", more[0], kind=SSE))).state == "FAILED"


def test_a_kill_does_not_wait_for_the_answer(running: Engine, base: str) -> None:
    id_ = running.start(*running.save(flow(request(f"{base}/slow"))))
    running.wait(id_, lambda execution: any(run.state == "RUNNING" for run in execution.runs.values()))
    running.command(id_, actions.kill)
    assert running.wait(id_).state == "KILLED"


def test_a_time_limit_below_zero_is_refused(running: Engine) -> None:
    limit = 'options: {timeout: {connectTimeout: "{{ -1 }}"}}'
    ended = running.run(flow(f"  - {{id: ask, type: {REQUEST}, uri: 'http://127.0.0.1:9/', {limit}}}\n"))
    assert running.messages(ended.id, "DEBUG") == ["ERROR ask: `connectTimeout` must not be below zero"]
