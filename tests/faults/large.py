"""Amounts that are too large for the suite, against a real server: what they take, and that others go on meanwhile.

python -m tests.faults.large --print-mb 1000 --output-mb 50 --queued 100000
"""

from __future__ import annotations

import argparse
import json
import tempfile
import threading
import time
from collections.abc import Callable
from pathlib import Path

import httpx

from benchmarks.server import TOKEN, resident, server

PROCESS = "taskRunner: {type: io.kestra.plugin.core.runner.Process}"
PYTHON = "io.kestra.plugin.scripts.python.Script"
QUICK = "  - {id: a, type: io.kestra.plugin.core.debug.Return, format: x}\n"
YAML = {"Content-Type": "application/x-yaml"}


class Watch:
    """While something large goes on: the server's most memory, and the slowest answer to a small request."""

    def __init__(self, http: httpx.Client, pid: int) -> None:
        self._http, self._pid, self._done = http, pid, threading.Event()
        self.memory = self.slowest = 0.0
        self._thread = threading.Thread(target=self._look)

    def __enter__(self) -> Watch:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._done.set()
        self._thread.join()

    def _look(self) -> None:
        while not self._done.wait(0.1):
            began = time.perf_counter()
            self._http.get("/flows/search").raise_for_status()
            self.slowest = max(self.slowest, time.perf_counter() - began)
            self.memory = max(self.memory, resident(self._pid))


def client(port: int) -> httpx.Client:
    """Requests with the full token."""
    headers = {"Authorization": f"Bearer {TOKEN}"}
    return httpx.Client(base_url=f"http://127.0.0.1:{port}/api/v1/main", headers=headers, timeout=600)


def save(http: httpx.Client, id_: str, tasks: str, extra: str = "") -> None:
    """Save a flow."""
    text = f"id: {id_}\nnamespace: large\n{extra}tasks:\n{tasks}"
    http.post("/flows", content=text, headers=YAML).raise_for_status()


def python(script: str) -> str:
    """One task with a Python script."""
    return f"  - {{id: a, type: {PYTHON}, {PROCESS}, script: {json.dumps(script)}}}\n"


def prints(http: httpx.Client, megabytes: int) -> str:
    """A task that prints much."""
    save(http, "prints", python(f"for _ in range({megabytes * 100}): print('x' * 9999)"))
    return run(http, "prints")


def outputs(http: httpx.Client, megabytes: int) -> str:
    """A task whose output value is large."""
    text = f"import sys; sys.stdout.write('::{{\"outputs\":{{\"x\":\"' + 'a' * {megabytes * 1_000_000} + '\"}}}}::')"
    save(http, "outputs", python(text) + QUICK.replace("id: a", "id: b"))
    return run(http, "outputs")


def queued(http: httpx.Client, count: int) -> str:
    """Many executions of a flow that runs one at a time, which are all there before the first ends."""
    save(http, "queued", QUICK, "concurrency: {limit: 1, behavior: QUEUE}\n")
    began = time.perf_counter()
    threads = [threading.Thread(target=submit, args=(http, count // 8)) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    submitted = time.perf_counter() - began
    drained = wait_for_all(http, "queued")
    return f"submitted at {count / submitted:.0f}/s, done {count / (submitted + drained):.0f}/s"


def submit(http: httpx.Client, count: int) -> None:
    """Start executions one after the other."""
    for _ in range(count):
        http.post("/executions/large/queued").raise_for_status()


def wait_for_all(http: httpx.Client, flow_id: str) -> float:
    """Wait until no execution of a flow is open. Returns the seconds."""
    began, pause = time.perf_counter(), threading.Event()
    query = {"flowId": flow_id, "state": ["CREATED", "RUNNING", "QUEUED"], "size": "1"}
    while http.get("/executions/search", params=query).json()["total"]:
        pause.wait(0.2)
    return time.perf_counter() - began


def run(http: httpx.Client, id_: str) -> str:
    """Run a flow to its end. Returns its state."""
    found = http.post(f"/executions/large/{id_}?wait=true").raise_for_status().json()
    return str(found["state"]["current"])


def measure(name: str, work: Callable[[httpx.Client], str]) -> None:
    """Do something large on a server of its own and print what it took."""
    with tempfile.TemporaryDirectory() as folder, server(Path(folder) / "data") as (port, pid):
        with client(port) as http, client(port) as other, Watch(other, pid) as watch:
            began = time.perf_counter()
            result = work(http)
            taken = time.perf_counter() - began
        size = sum(path.stat().st_size for path in Path(folder).rglob("*") if path.is_file()) / 1e6
    print(
        f"{name}: {result}, {taken:.1f} s; memory at most {watch.memory:.0f} MB, "
        f"slowest other answer {watch.slowest:.2f} s, on disk {size:.0f} MB",
        flush=True,
    )


def main() -> None:
    """The command."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--print-mb", type=int, default=1000)
    parser.add_argument("--output-mb", type=int, default=50)
    parser.add_argument("--queued", type=int, default=100_000)
    options = parser.parse_args()
    measure(f"a task prints {options.print_mb} MB", lambda http: prints(http, options.print_mb))
    measure(f"an output of {options.output_mb} MB", lambda http: outputs(http, options.output_mb))
    measure(f"{options.queued} queued executions", lambda http: queued(http, options.queued))


if __name__ == "__main__":
    main()
