"""Tasks and clients that behave badly towards a real server: they harm nobody else."""

from __future__ import annotations

import json
import os
import socket
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from benchmarks.server import TOKEN, resident, server

PROCESS = "taskRunner: {type: io.kestra.plugin.core.runner.Process}"
MAIN = "/api/v1/main"


class Client:
    """Requests to one server process."""

    def __init__(self, port: int, pid: int) -> None:
        self.port, self.pid = port, pid
        headers = {"Authorization": f"Bearer {TOKEN}"}
        self.http = httpx.Client(base_url=f"http://127.0.0.1:{port}{MAIN}", headers=headers, timeout=60)

    def save(self, id_: str, tasks: str) -> httpx.Response:
        text = f"id: {id_}\nnamespace: faults\ntasks:\n{tasks}"
        return self.http.post("/flows", content=text, headers={"Content-Type": "application/x-yaml"})

    def run(self, id_: str, tasks: str) -> dict[str, object]:
        self.save(id_, tasks).raise_for_status()
        found: dict[str, object] = self.http.post(f"/executions/faults/{id_}?wait=true").raise_for_status().json()
        return found

    def end(self, id_: str) -> object:
        """The state of an execution once it has ended."""
        with self.http.stream("GET", f"/executions/{id_}/follow") as events:
            for _ in events.iter_lines():
                pass
        return self.state(self.http.get(f"/executions/{id_}").json())

    def state(self, execution: dict[str, object]) -> object:
        found = execution["state"]
        assert isinstance(found, dict)
        return found["current"]


@pytest.fixture(scope="module")
def client(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Client]:
    with server(tmp_path_factory.mktemp("faults") / "data") as (port, pid):
        found = Client(port, pid)
        yield found
        found.http.close()


def python(script: str, more: str = "") -> str:
    kind = "io.kestra.plugin.scripts.python.Script"
    return f"  - {{id: a, type: {kind}, {PROCESS}, script: {json.dumps(script)}{more}}}\n"


STUBBORN = "import signal\nsignal.signal(signal.SIGTERM, signal.SIG_IGN)\n{first}\nwhile True: signal.pause()"


def test_a_task_that_ignores_sigterm_ends_by_a_time_limit_and_on_request(client: Client, tmp_path: Path) -> None:
    fifo = tmp_path / "fifo"
    os.mkfifo(fifo)
    client.save("late", python(STUBBORN.format(first=""), ", timeout: PT0.2S")).raise_for_status()
    late = client.http.post("/executions/faults/late").json()["id"]
    client.save("stubborn", python(STUBBORN.format(first=f"hold = open({str(fifo)!r}, 'w')"))).raise_for_status()
    stubborn = client.http.post("/executions/faults/stubborn").json()["id"]
    with fifo.open() as reading:
        assert client.http.delete(f"/executions/{stubborn}/kill").is_success
        assert reading.read() == ""  # ends when the process has ended
    assert client.end(stubborn) == "KILLED"
    assert client.end(late) == "FAILED"


DAEMON = """
import os, signal
os.mkfifo({fifo!r})
if os.fork() == 0:
    os.setsid()
    if os.fork() == 0:
        os.setsid()
        null = os.open("/dev/null", os.O_RDWR)
        for handle in range(3):
            os.dup2(null, handle)
        hold = open({fifo!r}, "w")
        signal.pause()
    os._exit(0)
open({fifo!r}).readline() if {waits} else None
"""


@pytest.mark.parametrize("command", [False, True])
def test_a_daemon_ends_with_its_task(client: Client, tmp_path: Path, command: bool) -> None:
    """Whether the task is a warm script or a program of its own."""
    fifo = tmp_path / "fifo"
    text = DAEMON.format(fifo=str(fifo), waits=False)
    own = ", beforeCommands: ['true']" if command else ""
    assert client.state(client.run(f"daemon-{command}".lower(), python(text, own))) == "SUCCESS"
    handle = os.open(fifo, os.O_RDONLY | os.O_NONBLOCK)
    with os.fdopen(handle, "rb") as reading:
        assert reading.read() == b""  # nobody has it open for writing (any more)


def test_what_a_task_forks_ends_with_it(client: Client, tmp_path: Path) -> None:
    fifo = tmp_path / "fifo"
    text = (
        f"import os\nos.mkfifo({str(fifo)!r})\nif os.fork() == 0:\n  import signal\n  open({str(fifo)!r}, 'w')\n"
        f"  signal.pause()\nopen({str(fifo)!r}).close()"
    )
    assert client.state(client.run("forks", python(text))) == "SUCCESS"


def test_much_output_is_bounded_in_memory(client: Client) -> None:
    before = resident(client.pid)
    text = "import sys\nfor _ in range(2000): sys.stdout.write('x' * 9999 + '\\n')"
    assert client.state(client.run("much", python(text))) == "SUCCESS"
    assert resident(client.pid) - before < 150


def test_binary_output_of_every_byte_does_no_harm(client: Client) -> None:
    text = (
        "import sys\nfor _ in range(50):\n  sys.stdout.buffer.write(bytes(range(256)) * 40)\n"
        "  sys.stderr.buffer.write(bytes(range(255, -1, -1)))"
    )
    done = client.run("binary", python(text))
    assert client.state(done) == "SUCCESS"
    assert len(client.http.get(f"/logs/{done['id']}").raise_for_status().json()) > 1000


def test_an_output_value_of_20_megabytes(client: Client) -> None:
    text = "import sys; sys.stdout.write('::{\"outputs\":{\"x\":\"' + 'a' * 20_000_000 + '\"}}::')"
    length = "  - {id: b, type: io.kestra.plugin.core.log.Log, message: '{{ outputs.a.vars.x | length }}'}\n"
    done = client.run("value", python(text) + length)
    assert client.state(done) == "SUCCESS"
    lines = client.http.get(f"/logs/{done['id']}").raise_for_status().json()
    assert "20000000" in [line["message"] for line in lines]


def test_an_output_file_of_50_megabytes(client: Client) -> None:
    text = "open('big', 'wb').write(bytes(50_000_000))"
    done = client.run("big", python(text, ", outputFiles: [big]"))
    assert client.state(done) == "SUCCESS"


def test_500_connections_keep_nobody_out(client: Client) -> None:
    held = [socket.create_connection(("127.0.0.1", client.port)) for _ in range(500)]
    try:
        for connection in held[::2]:
            connection.sendall(b"GET /api/v1/main/flows/search HTTP/1.1\r\nHost: ")
        assert client.http.get("/flows/search").status_code == 200
    finally:
        for connection in held:
            connection.close()


def test_500_connections_that_follow_one_execution_all_hear_its_end(client: Client) -> None:
    client.save("followed", "  - {id: p, type: io.kestra.plugin.core.flow.Pause}\n").raise_for_status()
    id_ = client.http.post("/executions/faults/followed").json()["id"]
    head = f"GET {MAIN}/executions/{id_}/follow HTTP/1.1\r\nHost: x\r\nConnection: close\r\n"
    head += f"Authorization: Bearer {TOKEN}\r\n\r\n"
    held = [socket.create_connection(("127.0.0.1", client.port), 20) for _ in range(500)]
    try:
        for connection in held:
            connection.sendall(head.encode())
        for connection in held:
            assert connection.recv(12) == b"HTTP/1.1 200"
        assert client.http.delete(f"/executions/{id_}/kill").is_success
        for connection in held:
            with connection.makefile("rb") as events:
                assert b'"KILLED"' in events.read()[-3000:]
    finally:
        for connection in held:
            connection.close()


def test_a_slow_reader_of_an_event_stream_delays_nobody_and_fills_no_memory(client: Client) -> None:
    """It takes a byte now and then of what would be thirty megabytes."""
    script = python("for n in range(30_000): print('x' * 1000)")
    client.save("stream", script).raise_for_status()
    id_ = client.http.post("/executions/faults/stream").json()["id"]
    with socket.socket() as slow:
        slow.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        slow.connect(("127.0.0.1", client.port))
        head = f"GET {MAIN}/logs/{id_}/follow HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {TOKEN}\r\n\r\n"
        slow.sendall(head.encode())
        assert slow.recv(1) == b"H"
        quick = "  - {id: a, type: io.kestra.plugin.core.debug.Return, format: x}\n"
        assert client.state(client.run("quick", quick)) == "SUCCESS"
        with client.http.stream("GET", f"/executions/{id_}/follow") as events:
            assert any('"SUCCESS"' in line for line in events.iter_lines())
        before = resident(client.pid)
        assert slow.recv(3) == b"TTP"
        with client.http.stream("GET", f"/logs/{id_}/follow") as events:
            assert sum(1 for line in events.iter_lines() if line.startswith("data")) >= 30_000
        assert resident(client.pid) - before < 30
