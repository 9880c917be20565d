"""The server as a process on a real port: start, stop, crash, and what must not bring it down."""

from __future__ import annotations

import base64
import os
import signal
import socket
import ssl
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address
from pathlib import Path

import httpx
import pytest

from flowctl.engine.service import listen, serve
from flowctl.engine.settings import Credentials, Settings
from flowctl.engine.tokens import with_credentials
from flowctl.errors import ServerError
from tests.engine.api.server import YAML, flow

ROOT = Path(__file__).parents[2]
TOKEN = "a-token"
START = """
import os, sys
from pathlib import Path
from flowctl.engine.service import serve
from flowctl.engine.settings import Credentials, Settings
cert, key = (Path(os.environ[name]) if name in os.environ else None for name in ("TEST_CERT", "TEST_KEY"))
serve(
    Settings(Path(sys.argv[1]), port=0, credentials=Credentials(token=sys.argv[2]), tls_cert=cert, tls_key=key),
    on_ready=lambda here: print(here.port, flush=True),
)
"""


@dataclass
class Process:
    """A running server."""

    process: subprocess.Popen[str]
    port: int

    def client(self) -> httpx.Client:
        headers = {"Authorization": f"Bearer {TOKEN}"}
        return httpx.Client(base_url=f"http://127.0.0.1:{self.port}", headers=headers, timeout=30)

    def end(self, number: signal.Signals) -> int:
        self.process.send_signal(number)
        return self.process.wait(20)


@contextmanager
def started(data: Path, **environ: str) -> Iterator[Process]:
    variables = {"PYTHONPATH": str(ROOT), "PATH": os.environ["PATH"], **environ}
    process = subprocess.Popen(
        [sys.executable, "-c", START, str(data), TOKEN],
        env=variables,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    try:
        assert process.stdout is not None
        line = process.stdout.readline()
        assert line, process.stderr.read() if process.stderr else ""
        yield Process(process, int(line))
    finally:
        process.kill()
        process.communicate(timeout=20)


def test_it_serves_stops_in_order_and_writes_nothing_to_stdout(tmp_path: Path) -> None:
    with started(tmp_path) as server:
        with server.client() as client:
            assert client.get("/api/v1/flowctl/ready").status_code == 200
            assert client.post("/api/v1/main/flows", content=flow(), headers=YAML).status_code == 200
        assert server.end(signal.SIGTERM) == 0
        out, log = server.process.communicate()
        assert out == ""
        assert "listening on http://127.0.0.1:" in log
        assert "stopped" in log
        assert TOKEN not in log
    with started(tmp_path) as server, server.client() as client:
        assert client.get("/api/v1/main/flows/company.team/f").json()["revision"] == 1


HOOKED = """id: f
namespace: company.team
triggers:
  - {id: hook, type: io.kestra.plugin.core.trigger.Webhook, key: door, wait: true}
outputs:
  - {id: event, type: STRING, value: "{{ trigger.headers['X-GitHub-Event'][0] }} {{ trigger.headers['x-small'][0] }}"}
tasks:
  - {id: log, type: io.kestra.plugin.core.log.Log, message: hello}
"""


def test_a_webhook_has_the_names_of_headers_as_they_were_sent(tmp_path: Path) -> None:
    with started(tmp_path) as server, server.client() as client:
        assert client.post("/api/v1/main/flows", content=HOOKED, headers=YAML).status_code == 200
        sent = {"X-GitHub-Event": "push", "x-small": "yes"}
        answer = client.post("/api/v1/main/executions/webhook/company.team/f/door", headers=sent)
        assert answer.json()["outputs"] == {"event": "push yes"}
        assert {"X-GitHub-Event", "x-small"} <= answer.json()["trigger"]["variables"]["headers"].keys()


POLLING = """id: f
namespace: company.team
triggers:
  - id: poll
    type: io.kestra.plugin.core.http.Trigger
    uri: "nohost?token={{ secret('DOOR') }}"
    interval: PT1S
tasks:
  - id: ask
    type: io.kestra.plugin.core.http.Request
    uri: "{{ inputs.base }}/api/v1/flowctl/ready?token={{ secret('DOOR') }}"
inputs:
  - {id: base, type: STRING}
"""


def test_its_own_log_has_neither_addresses_that_tasks_ask_nor_secrets(tmp_path: Path) -> None:
    encoded = base64.b64encode(b"sesame-open").decode()
    with started(tmp_path, SECRET_DOOR=encoded) as server:
        with server.client() as client:
            assert client.post("/api/v1/main/flows", content=POLLING, headers=YAML).status_code == 200
            form = {"base": (None, f"http://127.0.0.1:{server.port}")}
            answer = client.post("/api/v1/main/executions/company.team/f?wait=true", files=form)
            assert answer.json()["state"]["current"] == "SUCCESS"
        assert server.process.stderr is not None
        log = []
        for line in iter(server.process.stderr.readline, ""):
            log.append(line)
            if "poll" in line:
                break
        assert server.end(signal.SIGTERM) == 0
        log.append(server.process.stderr.read())
    told = "".join(log)
    assert "nohost?token=******" in told
    assert "sesame-open" not in told
    assert "HTTP Request" not in told


def test_no_acknowledged_write_is_missing_after_a_kill(tmp_path: Path) -> None:
    acknowledged: list[str] = []
    enough = threading.Event()

    def write(server: Process, worker: int) -> None:
        with server.client() as client:
            for number in range(10_000):
                id_ = f"f-{worker}-{number}"
                try:
                    answer = client.post("/api/v1/main/flows", content=flow(id_), headers=YAML)
                except httpx.TransportError:
                    return
                assert answer.status_code == 200
                acknowledged.append(id_)
                if len(acknowledged) > 150:
                    enough.set()

    with started(tmp_path) as server:
        workers = [threading.Thread(target=write, args=(server, number)) for number in range(8)]
        for worker in workers:
            worker.start()
        assert enough.wait(60)
        assert server.end(signal.SIGKILL) == -9
        for worker in workers:
            worker.join(30)
    with started(tmp_path) as server, server.client() as client:
        there = {row["id"] for row in client.get("/api/v1/main/flows/company.team").json()}
    assert set(acknowledged) <= there
    assert len(there) - len(acknowledged) <= len(workers)


@pytest.mark.parametrize(("point", "there"), [("before-commit", [1]), ("after-commit", [1, 2])])
def test_a_death_at_a_commit_leaves_all_or_nothing_of_a_batch(point: str, there: list[int], tmp_path: Path) -> None:
    def batch(number: int) -> dict[str, object]:
        operations = [
            {"op": "put-flow", "namespace": "n", "id": f"f{number}-{i}", "source": flow(f"f{number}-{i}", "n")}
            for i in range(20)
        ]
        return {"format": "1.0", "operations": operations}

    with started(tmp_path, FLOWCTL_TEST_FAULTS="1", FLOWCTL_FAULT=f"{point}:2") as server, server.client() as client:
        assert client.post("/api/v1/flowctl/batch", json=batch(1)).status_code == 200
        with pytest.raises(httpx.TransportError):
            client.post("/api/v1/flowctl/batch", json=batch(2))
        assert server.process.wait(20) == -9
    with started(tmp_path) as server, server.client() as client:
        ids = [row["id"] for row in client.get("/api/v1/main/flows/n").json()]
    assert sorted(ids) == sorted(f"f{number}-{i}" for number in there for i in range(20))


def certificate(directory: Path) -> tuple[Path, Path]:
    """A certificate for 127.0.0.1 that signs itself, and its key."""
    from cryptography import x509
    from cryptography.hazmat.primitives import hashes, serialization
    from cryptography.hazmat.primitives.asymmetric import ec
    from cryptography.x509.oid import NameOID

    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "127.0.0.1")])
    now = datetime.now(UTC)
    made = (
        x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(ip_address("127.0.0.1"))]), critical=False)
        .sign(key, hashes.SHA256())
    )
    cert, secret = directory / "cert.pem", directory / "key.pem"
    cert.write_bytes(made.public_bytes(serialization.Encoding.PEM))
    secret.write_bytes(
        key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    )
    return cert, secret


def test_it_speaks_tls_with_the_given_certificate(tmp_path: Path) -> None:
    cert, key = certificate(tmp_path)
    with started(tmp_path / "data", TEST_CERT=str(cert), TEST_KEY=str(key)) as server:
        trusted = ssl.create_default_context(cafile=str(cert))
        url = f"https://127.0.0.1:{server.port}/api/v1/flowctl/ready"
        assert httpx.get(url, verify=trusted).json() == {"status": "UP"}
        with pytest.raises(httpx.TransportError):
            httpx.get(url.replace("https", "http"))


def test_a_certificate_that_cannot_be_read_says_so(tmp_path: Path) -> None:
    (tmp_path / "cert.pem").write_text("nothing")
    settings = Settings(
        tmp_path / "data",
        port=0,
        credentials=Credentials(token="t"),
        tls_cert=tmp_path / "cert.pem",
        tls_key=tmp_path / "missing.pem",
    )
    with pytest.raises(ServerError) as refused:
        serve(settings)
    assert refused.value.diagnostics[0].code == "S306"


def test_a_taken_port_says_so(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken, pytest.raises(ServerError) as refused:
        listen(Settings(tmp_path, port=taken.getsockname()[1]))
    found = refused.value.diagnostics[0]
    assert found.code == "S301"
    assert "--port" in found.hint


def test_an_address_that_is_not_ours_says_so(tmp_path: Path) -> None:
    with pytest.raises(ServerError) as refused:
        listen(Settings(tmp_path, host="192.0.2.1", port=0))
    assert refused.value.diagnostics[0].code == "S301"


def test_a_store_that_cannot_be_opened_says_so(tmp_path: Path) -> None:
    blocked = tmp_path / "file"
    blocked.write_text("not a directory")
    with pytest.raises(ServerError) as refused:
        serve(Settings(blocked, port=0, credentials=Credentials(token="t")))
    assert refused.value.diagnostics[0].code == "S302"


def test_a_damaged_store_leads_to_its_backups(tmp_path: Path) -> None:
    (tmp_path / "flowctl.db").write_bytes(b"\x07 no database at all " * 500)
    with pytest.raises(ServerError) as refused:
        serve(Settings(tmp_path, port=0, credentials=Credentials(token="t")))
    found = refused.value.diagnostics[0]
    assert found.code == "S302" and "file is not a database" in found.summary
    assert found.hint.startswith(f"the file is damaged: keep a copy of {tmp_path}, then `flowctl server restore FILE`")


@pytest.mark.parametrize("content", [b"\xff\xfe\x00", b"\xc3\xa9t\xc3\xa9\n"])
def test_a_token_file_that_holds_no_text_is_said_to(tmp_path: Path, content: bytes) -> None:
    token = tmp_path / "token"
    token.write_bytes(content)
    token.chmod(0o600)
    with pytest.raises(ServerError, match="holds no token") as refused:
        with_credentials(Settings(tmp_path, port=0))
    assert refused.value.diagnostics[0].code == "S310"


def send(port: int, data: bytes) -> bytes:
    with socket.create_connection(("127.0.0.1", port), timeout=20) as client:
        try:
            client.sendall(data)
            client.shutdown(socket.SHUT_WR)
        except OSError:
            pass  # the server has hung up already
        received = b""
        try:
            while chunk := client.recv(65536):
                received += chunk
        except OSError:
            pass
        return received


def test_what_arrives_on_the_wire_cannot_stop_it(tmp_path: Path) -> None:
    with started(tmp_path) as server:
        endless = b"GET / HTTP/1.1\r\nHost: x\r\nX-Long: " + b"a" * 5_000_000
        assert send(server.port, endless)[:12] in (b"HTTP/1.1 431", b"HTTP/1.1 400", b"")
        for data in (
            b"\x00\x01\x02\r\n\r\n",
            b"GET\r\n\r\n",
            b"GET / HTTP/9.9\r\n\r\n",
            b"GET /\xff\xfe HTTP/1.1\r\nHost: x\r\n\r\n",
            b"POST /api/v1/main/flows HTTP/1.1\r\nHost: x\r\nContent-Length: -5\r\n\r\n",
            b"POST /api/v1/main/flows HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\n"
            b"Transfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
            b"GET / HTTP/1.1\r\n" + b"".join(b"X-%d: y\r\n" % number for number in range(20_000)) + b"\r\n",
            b"POST /api/v1/main/flows HTTP/1.1\r\nHost: x\r\nContent-Type: application/x-yaml\r\n"
            b"Authorization: Bearer a-token\r\nContent-Length: 100\r\n\r\nhalf",
        ):
            assert b"HTTP/1.1 200" not in send(server.port, data)
        with server.client() as client:
            assert client.get("/api/v1/flowctl/ready").status_code == 200
        assert server.end(signal.SIGTERM) == 0
        assert "Traceback" not in server.process.communicate()[1]
