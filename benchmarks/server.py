"""How fast the bundled server is: ready, idle, reads, durable writes, one batch, the state of many flows.

Each function starts a real server in a process of its own, measures several times and prints minimum, median and
maximum. The client is as small as it can be, so that the server is what is measured.
"""

from __future__ import annotations

import asyncio
import json
import os
import socket
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import cast

import httpx

TOKEN = "benchmark"
START = """
import sys
from pathlib import Path
from flowctl.engine.service import serve
from flowctl.engine.settings import Credentials, Settings
serve(
    Settings(Path(sys.argv[1]), port=0, dialect=(*sys.argv, "lenient")[3], credentials=Credentials(token=sys.argv[2])),
    on_ready=lambda here: print(here.port, flush=True),
)
"""


@contextmanager
def server(directory: Path, dialect: str = "lenient") -> Iterator[tuple[int, int]]:
    """A running server; gives its port and process id."""
    command = [sys.executable, "-c", START, str(directory), TOKEN, dialect]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
    try:
        assert process.stdout is not None
        yield int(process.stdout.readline()), process.pid
    finally:
        process.terminate()
        process.wait(10)


def flow(number: int, namespace: str = "bench", message: str = "hello") -> str:
    """A small flow."""
    return (
        f"id: flow-{number}\nnamespace: {namespace}\ntasks:\n  - id: log\n"
        f"    type: io.kestra.plugin.core.log.Log\n    message: {message}\n"
    )


class Connection(asyncio.Protocol):
    """One keep-alive connection that sends the next request as soon as an answer is complete."""

    def __init__(self, requests: Iterator[bytes], done: asyncio.Event) -> None:
        self._requests, self._done, self._buffer = requests, done, b""
        self.answers: dict[int, int] = {}

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        # uvloop's transports are no subclass of asyncio's
        self._transport = cast("asyncio.Transport", transport)
        self._next()

    def _next(self) -> None:
        request = next(self._requests, None)
        if request is None:
            self._transport.close()
            self._done.set()
        else:
            self._transport.write(request)

    def connection_lost(self, exc: Exception | None) -> None:
        self._done.set()

    def data_received(self, data: bytes) -> None:
        self._buffer += data
        head, found, rest = self._buffer.partition(b"\r\n\r\n")
        if not found:
            return
        length = int(head.lower().partition(b"content-length: ")[2].partition(b"\r\n")[0] or 0)
        if len(rest) >= length:
            status = int(head[9:12])
            self.answers[status] = self.answers.get(status, 0) + 1
            self._buffer = rest[length:]
            self._next()


def request(method: str, path: str, body: bytes = b"") -> bytes:
    """A whole request as bytes."""
    head = f"{method} {path} HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer {TOKEN}\r\n"
    if body:
        head += f"Content-Type: application/x-yaml\r\nContent-Length: {len(body)}\r\n"
    return head.encode() + b"\r\n" + body


async def drive(port: int, requests: Iterator[bytes], connections: int) -> dict[int, int]:
    """Send all requests over some connections; how often each status came."""
    loop, made = asyncio.get_running_loop(), []
    for _ in range(connections):
        done = asyncio.Event()
        _, protocol = await loop.create_connection(partial(Connection, requests, done), "127.0.0.1", port)
        made.append((protocol, done))
    for _, done in made:
        await done.wait()
    total: dict[int, int] = {}
    for protocol, _ in made:
        for status, count in protocol.answers.items():
            total[status] = total.get(status, 0) + count
    return total


def rate(port: int, requests: Sequence[bytes], connections: int, status: int = 200) -> float:
    """Requests a second.

    Raises:
        RuntimeError: an answer had another status.
    """
    import uvloop

    start = time.perf_counter()
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        answers = runner.run(drive(port, iter(requests), connections))
    elapsed = time.perf_counter() - start
    if set(answers) != {status}:
        raise RuntimeError(f"answers: {answers}")
    return len(requests) / elapsed


def spread(name: str, values: Sequence[float], unit: str) -> float:
    """Print minimum, median and maximum; returns the median."""
    middle = statistics.median(values)
    print(f"{name:44} median {middle:10.3f} {unit}   (min {min(values):.3f}, max {max(values):.3f}, n={len(values)})")
    return middle


def bench_fsync(times: int = 200, directory: Path | None = None) -> float:
    """What the disk does: milliseconds of one append with `fsync`."""
    with tempfile.TemporaryDirectory(dir=directory) as folder:
        handle = os.open(Path(folder) / "file", os.O_WRONLY | os.O_CREAT)
        taken = []
        for _ in range(times):
            os.write(handle, b"x" * 4096)
            start = time.perf_counter()
            os.fsync(handle)
            taken.append((time.perf_counter() - start) * 1000)
        os.close(handle)
    return spread("fsync of 4 KiB", taken, "ms")


def bench_ready(times: int = 5) -> float:
    """Seconds from the start of the process to the first answer, on a store that is new."""
    taken = []
    for _ in range(times):
        with tempfile.TemporaryDirectory() as folder:
            start = time.perf_counter()
            with server(Path(folder)) as (port, _):
                with socket.create_connection(("127.0.0.1", port)) as client:
                    client.sendall(request("GET", "/api/v1/flowctl/ready"))
                    client.recv(4096)
                taken.append(time.perf_counter() - start)
    return spread("server: ready", taken, "s")


def bench_idle(times: int = 5) -> float:
    """Resident megabytes of a server that has answered one request."""
    taken = []
    for _ in range(times):
        with tempfile.TemporaryDirectory() as folder, server(Path(folder)) as (port, pid):
            httpx.get(f"http://127.0.0.1:{port}/api/v1/flowctl/ready").raise_for_status()
            taken.append(resident(pid))
    return spread("server: idle memory", taken, "MB")


def resident(pid: int) -> float:
    """Resident memory of a process in megabytes, as `ps` tells it."""
    shown = subprocess.run(["ps", "-o", "rss=", "-p", str(pid)], capture_output=True, text=True, check=True)
    return int(shown.stdout) / 1024


def bench_reads(times: int = 5, count: int = 6000, connections: int = 8) -> float:
    """Authenticated reads of single flows a second, one client process."""
    taken = []
    with tempfile.TemporaryDirectory() as folder, server(Path(folder)) as (port, _):
        rate(port, [request("POST", "/api/v1/main/flows", flow(i).encode()) for i in range(100)], 8)
        for _ in range(times):
            asked = [request("GET", f"/api/v1/main/flows/bench/flow-{i % 100}?source=true") for i in range(count)]
            taken.append(rate(port, asked, connections))
    return spread("server: flow reads a second", taken, "/s")


def bench_writes(times: int = 5, count: int = 3000, connections: int = 16) -> float:
    """Durable creates of flows a second, 16 connections."""
    taken = []
    with tempfile.TemporaryDirectory() as folder, server(Path(folder)) as (port, _):
        for turn in range(times):
            texts = [flow(i, f"bench{turn}", f"message {turn} {i}") for i in range(count)]
            taken.append(
                rate(port, [request("POST", "/api/v1/main/flows", text.encode()) for text in texts], connections)
            )
    return spread("server: durable flow writes a second", taken, "/s")


def bench_batch(times: int = 5, count: int = 1000) -> float:
    """Seconds for 1,000 creates in one batch request, as the client sees it."""
    taken = []
    with tempfile.TemporaryDirectory() as folder, server(Path(folder)) as (port, _), _client(port) as client:
        for turn in range(times):
            operations = [_put(i, f"batch{turn}", f"text {turn} {i}") for i in range(count)]
            body = json.dumps({"format": "1.0", "planId": "bench", "operations": operations}).encode()
            taken.append(_timed(partial(client.post, "/api/v1/flowctl/batch", content=body)))
    return spread(f"server: batch of {count} creates", taken, "s")


def bench_state(times: int = 5, count: int = 10_000) -> float:
    """Seconds for the state of 10,000 flows, as the client sees it."""
    with tempfile.TemporaryDirectory() as folder, server(Path(folder)) as (port, _), _client(port) as client:
        for start in range(0, count, 1000):
            operations = [_put(i, "state", "x") for i in range(start, start + 1000)]
            client.post("/api/v1/flowctl/batch", json={"format": "1.0", "operations": operations}).raise_for_status()
        taken = [_timed(lambda: client.get("/api/v1/flowctl/state?namespaces=state")) for _ in range(times)]
    return spread(f"server: state of {count} flows", taken, "s")


def _put(number: int, namespace: str, message: str) -> dict[str, object]:
    source = flow(number, namespace, message)
    return {
        "op": "put-flow",
        "namespace": namespace,
        "id": f"flow-{number}",
        "source": source,
        "expectedRevision": 0,
    }


def _client(port: int) -> httpx.Client:
    headers = {"Authorization": f"Bearer {TOKEN}"}
    return httpx.Client(base_url=f"http://127.0.0.1:{port}", headers=headers, timeout=60)


def _timed(ask: Callable[[], httpx.Response]) -> float:
    start = time.perf_counter()
    ask().raise_for_status()
    return time.perf_counter() - start


def main() -> None:
    """All of them."""
    for bench in (bench_fsync, bench_ready, bench_idle, bench_reads, bench_writes, bench_batch, bench_state):
        bench()


if __name__ == "__main__":
    main()
