"""What a server or the network may answer: each is an error that names the request and says what to do."""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator

import httpx
import pytest

from flowctl.errors import ServerError, ServerRefused, ServerUnreachable
from flowctl.model.keys import FlowKey, KvKey
from flowctl.remote.client import HttpServer, connect
from flowctl.remote.http.asked import Asked
from flowctl.remote.http.failures import refused
from tests.remote.answers import SECRET, URL, answering, environment, flow_body, script

KEY = FlowKey("prod", "f")
OLD = {
    "message": "Invalid entity: tasks[0].message: must not be null",
    "_embedded": {"errors": [{"message": "must not be null", "path": "tasks[0].message"}]},
}
NEW = {
    "type": "https://kestra.io/docs/api-reference/problems/validation-failed",
    "title": "Validation failed",
    "status": 422,
    "detail": "Validation failed",
    "errors": [{"detail": "must not be null", "pointer": "/tasks/1/message", "path": "tasks[say-hi].message"}],
}
HTML = "<html><body>Sign in</body></html>"
STATUSES = [
    (httpx.Response(401), "S201", "auth"),
    (httpx.Response(403, json={"message": "no"}), "S202", "permission"),
    (httpx.Response(409, json={"title": "Conflict", "detail": "moved"}), "S204", "new plan"),
    (httpx.Response(409, json={"message": "Illegal state: Requested Flow is disabled."}), "S204", "enable it"),
    (httpx.Response(413, text="too large"), "S205", "smaller"),
    (httpx.Response(422, json=OLD), "S206", "correct"),
    (httpx.Response(422, json=NEW), "S206", "correct"),
    (httpx.Response(500, json={"message": "Internal server error"}), "S208", "log"),
    (httpx.Response(405, json={"message": "Method Not Allowed"}), "S211", "check server and tenant"),
    (httpx.Response(302, headers={"Location": "/login"}, text=HTML), "S215", "login page"),
]


def caught(server: HttpServer, act: str = "update") -> ServerError:
    with pytest.raises(ServerError) as error:
        if act == "update":
            server.update_flow(KEY, "id: f\n")
        else:
            server.read_flow(KEY)
    return error.value


@pytest.mark.parametrize(("answer", "code", "hint"), STATUSES, ids=lambda one: getattr(one, "status_code", None))
def test_a_status_has_its_code_and_says_what_to_do(answer: httpx.Response, code: str, hint: str) -> None:
    error = caught(answering(script(answer)))
    one = error.diagnostics[0]
    assert isinstance(error, ServerRefused)
    assert (one.code, error.status) == (code, answer.status_code)
    assert "PUT /api/v1/main/flows/prod/f" in one.detail
    assert hint in one.hint
    assert SECRET not in f"{one}{error}"


OPERATIONS = [
    ("PUT", "/triggers/set-disabled", 404, "check the names"),
    ("POST", "/executions/abc/actions/restart", 409, "the state it is in"),
    ("POST", "/executions/prod/f", 422, "run the command again"),
    ("PUT", "/triggers", 400, "run the command again"),
    ("DELETE", "/namespaces/prod/secrets/PW", 404, "check the names"),
    (
        "POST",
        "/executions/prod/f",
        500,
        "it may have been done all the same: look with `flowctl executions list -e prod`",
    ),
    ("PUT", "/triggers", 502, "it may have been done all the same: look with `flowctl triggers list -e prod`"),
    ("DELETE", "/namespaces/prod/secrets/PW", 500, "look with `flowctl secrets list -e prod`"),
    ("GET", "/executions/search", 500, "run the command again when it is healthy"),
    ("PUT", "/flows/executions/f", 409, "make a new plan"),
]


@pytest.mark.parametrize(("method", "path", "status", "hint"), OPERATIONS)
def test_no_plan_is_asked_for_when_nothing_is_deployed(method: str, path: str, status: int, hint: str) -> None:
    asked = Asked(method, f"/api/v1/main{path}", URL, environment="prod")
    found = refused(asked, status, b"", "text/plain", None).diagnostics[0]
    assert hint in found.hint
    assert ("plan" in found.hint) == path.startswith("/flows")


@pytest.mark.parametrize("path", ["/api", "/api/v1/main", "/kestra/api/v1"])
def test_a_server_written_with_the_path_of_the_api_is_said_to_be_that(path: str) -> None:
    found = refused(Asked("GET", "/api/v1/configs", f"https://k.example{path}"), 404, b"", "", None).diagnostics[0]
    right = path.partition("/api")[0]
    assert found.hint == f"write `server: https://k.example{right}`, without /api: flowctl adds that itself"


def test_who_asks_too_often_is_led_to_the_key_that_says_how_often() -> None:
    asked = Asked("GET", "/api/v1/configs", URL, environment="prod")
    for seconds, wait in ((None, "wait"), (1.0, "wait 1 second")):
        found = refused(asked, 429, b"", "", seconds).diagnostics[0].hint
        assert found == f"{wait} and run the command again, or lower `parallelism` in environments/prod.yaml"


def test_a_redirect_is_named_and_not_followed() -> None:
    to = {"Location": "https://ann:hunter2@login.example/sign-in?state=secret"}
    error = caught(answering(script(httpx.Response(302, headers=to))))
    found = error.diagnostics[0]
    assert (found.code, found.summary) == ("S215", f"the server {URL} sends requests elsewhere (302)")
    assert found.detail.endswith("answered 302: go to https://login.example/sign-in")
    assert "hunter2" not in str(found)
    assert "secret" not in str(found)


def test_errors_of_both_generations_name_the_place() -> None:
    assert "tasks[0].message" in caught(answering(script(httpx.Response(422, json=OLD)))).diagnostics[0].detail
    assert "tasks[say-hi].message: must not be null" in (
        caught(answering(script(httpx.Response(422, json=NEW)))).diagnostics[0].detail
    )


def test_a_404_of_a_write_says_to_check_server_and_tenant() -> None:
    one = caught(answering(script(httpx.Response(404, json={"message": "Not Found"})))).diagnostics[0]
    assert one.code == "S203"
    assert "tenant" in one.hint


BODIES = [
    (HTML, "text/html", "HTML page"),
    ("", "application/json", "empty body"),
    ('{"id": "f", "revi', "application/json", '{"id": "f", "revi'),
]


@pytest.mark.parametrize(("body", "kind", "said"), BODIES, ids=["html", "nothing", "half"])
def test_a_success_that_is_no_answer_is_not_taken_for_one(body: str, kind: str, said: str) -> None:
    error = caught(answering(script(httpx.Response(200, text=body, headers={"Content-Type": kind}))))
    assert isinstance(error, ServerUnreachable)
    assert error.sent is True
    assert error.diagnostics[0].code == "S209"
    assert said in error.diagnostics[0].detail


@pytest.mark.parametrize("body", [[], {"id": "f"}, {"source": "x"}, {"source": 1, "revision": 1}, 5])
def test_json_of_another_shape_is_s210(body: object) -> None:
    assert caught(answering(script(httpx.Response(200, json=body))), "read").diagnostics[0].code == "S210"


def test_what_a_server_says_about_a_secret_value_is_not_repeated() -> None:
    answer = httpx.Response(422, json={"message": "Invalid JSON value for: hunter2"})
    with pytest.raises(ServerRefused) as error:
        answering(script(answer)).put_value(KvKey("prod", "k"), "STRING", "hunter2")
    assert "hunter2" not in str(error.value.diagnostics[0])
    assert "PUT /api/v1/main/namespaces/prod/kv/k answered 422" in error.value.diagnostics[0].detail


EXCEPTIONS = [
    (httpx.ConnectTimeout("timed out"), "S113", False),
    (httpx.ReadTimeout("timed out"), "S113", True),
    (httpx.ConnectError("[Errno -2] Name or service not known"), "S111", False),
    (httpx.ConnectError("[Errno 111] Connection refused"), "S112", False),
    (httpx.ConnectError("[SSL: CERTIFICATE_VERIFY_FAILED] certificate verify failed"), "S114", False),
    (httpx.RemoteProtocolError("peer closed connection without sending complete message body"), "S115", True),
    (httpx.ReadError("[Errno 104] Connection reset by peer"), "S115", True),
    (httpx.ProxyError("407 Proxy Authentication Required"), "S116", False),
]


@pytest.mark.parametrize(("exception", "code", "sent"), EXCEPTIONS, ids=lambda one: type(one).__name__)
def test_no_answer_says_whether_the_request_may_have_arrived(exception: Exception, code: str, sent: bool) -> None:
    error = caught(answering(script(*[exception] * 4)))
    assert isinstance(error, ServerUnreachable)
    assert (error.diagnostics[0].code, error.sent) == (code, sent)
    assert error.diagnostics[0].hint


TLS = [
    ("[SSL: WRONG_VERSION_NUMBER] wrong version number (_ssl.c:1006)", "does not speak TLS", "http://"),
    ("certificate verify failed: certificate has expired", "not valid today", "renew"),
    ("certificate verify failed: certificate is not yet valid", "not valid today", "clock"),
    ("IP address mismatch, certificate is not valid for '127.0.0.1'.", "for another name", "a name in `server`"),
    ("Hostname mismatch, certificate is not valid for 'k.example'.", "for another name", "a name in `server`"),
    ("certificate verify failed: unable to get local issuer certificate", "not known here", "tls.ca"),
    ("certificate verify failed: self-signed certificate in certificate chain", "not known here", "tls.ca"),
    ("[SSL: TLSV13_ALERT_CERTIFICATE_REQUIRED] tlsv13 alert certificate required", "wants one", "tls.cert"),
    ("[SSL: SSLV3_ALERT_HANDSHAKE_FAILURE] sslv3 alert handshake failure", "ends the TLS handshake", "tls.cert"),
    ("[SSL] unknown error", "cannot be trusted", "tls.ca"),
]


@pytest.mark.parametrize(
    ("text", "summary", "hint"),
    TLS,
    ids=["plain", "expired", "early", "address", "name", "issuer", "self", "client", "alert", "other"],
)
@pytest.mark.parametrize("kind", [httpx.ConnectError, httpx.ReadError], ids=["connect", "read"])
def test_what_is_wrong_with_tls_is_said(kind: type[httpx.TransportError], text: str, summary: str, hint: str) -> None:
    error = caught(answering(script(kind(text))))
    found = error.diagnostics[0]
    assert found.code == "S114"
    assert summary in found.summary
    assert hint in found.hint
    assert text in found.detail


def test_a_proxy_that_does_not_answer_is_named_without_its_password(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("https_proxy", "http://me:hunter2@proxy.example:3128")
    monkeypatch.setenv("no_proxy", "")
    monkeypatch.setenv("NO_PROXY", "")
    error = caught(answering(script(*[httpx.ConnectError("[Errno 111] Connection refused")] * 4)))
    found = error.diagnostics[0]
    assert found.code == "S116"
    assert "cannot be reached through the proxy proxy.example:3128" in found.summary
    assert "hunter2" not in str(found)


def test_plain_http_that_is_broken_off_may_be_tls() -> None:
    broken = [httpx.ReadError("[Errno 104] Connection reset by peer")] * 4
    server = answering(script(*broken), server="http://k.example")
    assert "https://" in caught(server).diagnostics[0].hint


def test_the_log_of_requests_has_no_secret() -> None:
    log: list[str] = []
    server = answering(script(httpx.Response(200, json=flow_body("f", "id: f\n"))), log=log)
    server.update_flow(KEY, "id: f\n")
    assert len(log) == 1
    assert log[0].startswith("PUT /api/v1/main/flows/prod/f 200 ")
    assert SECRET not in log[0]


def test_a_web_page_at_configs_is_no_kestra_server() -> None:
    server = answering(lambda _: httpx.Response(200, json={"name": "something"}))
    with pytest.raises(ServerUnreachable) as error:
        _ = server.identity
    assert error.value.diagnostics[0].code == "S210"


# From here on over real sockets.


@pytest.fixture
def listener() -> Iterator[socket.socket]:
    with socket.create_server(("127.0.0.1", 0)) as found:
        yield found


def over_sockets(listener: socket.socket, scheme: str = "http") -> HttpServer:
    port = listener.getsockname()[1]
    found = connect(environment(f"{scheme}://127.0.0.1:{port}"), {"KESTRA_TOKEN": SECRET}, pause=lambda _: None)
    assert isinstance(found, HttpServer)
    return found


def serve(listener: socket.socket, answer: bytes, times: int) -> threading.Thread:
    def run() -> None:
        for _ in range(times):
            peer, _ = listener.accept()
            with peer:
                peer.recv(65536)
                peer.sendall(answer)

    thread = threading.Thread(target=run, daemon=True)
    thread.start()
    return thread


def test_half_a_body_over_a_socket(listener: socket.socket) -> None:
    half = b'HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 500\r\n\r\n{"id":'
    thread = serve(listener, half, 4)
    error = caught(over_sockets(listener), "read")
    assert error.diagnostics[0].code == "S115"
    thread.join(5)


def test_a_connection_that_is_closed_without_a_word(listener: socket.socket) -> None:
    thread = serve(listener, b"", 4)
    assert caught(over_sockets(listener), "read").diagnostics[0].code == "S115"
    thread.join(5)


def test_a_server_that_never_answers(listener: socket.socket) -> None:
    error = caught(over_sockets(listener), "read")
    assert error.diagnostics[0].code == "S113"
    assert "timeout" in error.diagnostics[0].hint


def test_nobody_listens() -> None:
    with socket.create_server(("127.0.0.1", 0)) as gone:
        server = over_sockets(gone)
    assert caught(server, "read").diagnostics[0].code == "S112"


def test_tls_where_there_is_none(listener: socket.socket) -> None:
    thread = serve(listener, b"HTTP/1.1 400 Bad Request\r\n\r\n", 1)
    error = caught(over_sockets(listener, "https"), "read")
    assert error.diagnostics[0].code == "S114"
    assert "does not speak TLS" in error.diagnostics[0].summary
    assert "http://" in error.diagnostics[0].hint
    thread.join(5)
