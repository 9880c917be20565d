"""Tasks and clients that behave badly towards a real server: they harm nobody else."""

from __future__ import annotations

import json
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

    def state(self, execution: dict[str, object]) -> object:
        found = execution["state"]
        assert isinstance(found, dict)
        return found["current"]


@pytest.fixture
def client(tmp_path: Path) -> Iterator[Client]:
    with server(tmp_path / "data") as (port, pid):
        found = Client(port, pid)
        yield found
        found.http.close()


def python(script: str, more: str = "") -> str:
    kind = "io.kestra.plugin.scripts.python.Script"
    return f"  - {{id: a, type: {kind}, {PROCESS}, script: {json.dumps(script)}{more}}}\n"


def test_a_task_that_ignores_sigterm_is_ended(client: Client) -> None:
    text = "import signal\nsignal.signal(signal.SIGTERM, signal.SIG_IGN)\nwhile True: signal.pause()"
    assert client.state(client.run("deaf", python(text, ", timeout: PT0.5S"))) == "FAILED"


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


def test_a_slow_reader_of_an_event_stream_delays_nobody(client: Client) -> None:
    script = python("for n in range(3000): print('x' * 1000)")
    client.save("stream", script).raise_for_status()
    id_ = client.http.post("/executions/faults/stream").json()["id"]
    with socket.create_connection(("127.0.0.1", client.port)) as slow:
        head = f"GET {MAIN}/logs/{id_}/follow HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {TOKEN}\r\n\r\n"
        slow.sendall(head.encode())
        assert slow.recv(1) == b"H"
        quick = "  - {id: a, type: io.kestra.plugin.core.debug.Return, format: x}\n"
        assert client.state(client.run("quick", quick)) == "SUCCESS"
        with client.http.stream("GET", f"/executions/{id_}/follow") as events:
            assert any('"SUCCESS"' in line for line in events.iter_lines())
        assert slow.recv(1) == b"T"


WHOLE = {
    "id": "nulls",
    "namespace": "faults",
    "labels": {"a": "b"},
    "inputs": [{"id": "i", "type": "STRING", "defaults": "x"}],
    "variables": {"v": [1, {"w": 2}]},
    "tasks": [
        {
            "id": "p",
            "type": "io.kestra.plugin.core.flow.Parallel",
            "tasks": [{"id": "r", "type": "io.kestra.plugin.core.debug.Return", "format": "x"}],
        },
        {"id": "w", "type": "io.kestra.plugin.core.flow.If", "condition": "true", "then": [
            {"id": "l", "type": "io.kestra.plugin.core.log.Log", "message": ["a", "b"]}]},
    ],
    "errors": [{"id": "e", "type": "io.kestra.plugin.core.log.Log", "message": "m"}],
    "outputs": [{"id": "o", "type": "STRING", "value": "x"}],
    "triggers": [
        {"id": "s", "type": "io.kestra.plugin.core.trigger.Schedule", "cron": "* * * * *", "inputs": {"i": "x"}},
        {"id": "f", "type": "io.kestra.plugin.core.trigger.Flow", "preconditions": {
            "id": "q", "flows": [{"namespace": "a", "flowId": "b"}]}},
    ],
    "concurrency": {"limit": 5, "behavior": "QUEUE"},
}  # fmt: skip


def nulled(value: object) -> Iterator[object]:
    """The value with null in the place of each part of it, and with a null more in each list and map."""
    yield None
    if isinstance(value, dict):
        yield {**value, "more": None}
        for key, item in value.items():
            yield from ({**value, key: changed} for changed in nulled(item))
    elif isinstance(value, list):
        yield [*value, None]
        for at, item in enumerate(value):
            yield from ([*value[:at], changed, *value[at + 1 :]] for changed in nulled(item))


def test_null_anywhere_in_a_flow_harms_nobody(tmp_path: Path) -> None:
    with server(tmp_path / "data") as (port, pid):
        client = Client(port, pid)
        for number, changed in enumerate(nulled(WHOLE)):
            if isinstance(changed, dict) and changed.get("id"):
                changed = {**changed, "id": f"nulls-{number}"}
            yaml = {"Content-Type": "application/x-yaml"}
            answer = client.http.post("/flows", content=json.dumps(changed), headers=yaml)
            assert answer.status_code in (200, 201, 422), (changed, answer.text)
            if answer.is_success:
                started = client.http.post(f"/executions/faults/nulls-{number}")
                assert started.status_code < 500, (changed, started.text)
        client.http.close()
    with server(tmp_path / "data") as (port, pid):
        client = Client(port, pid)
        assert client.state(client.run("after", python("print(1)"))) == "SUCCESS"
        client.http.close()
