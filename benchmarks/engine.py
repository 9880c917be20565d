"""How fast the engine is, end to end as a client sees it: tasks, scripts, throughput, a large store, webhooks, Loops.

Each figure comes from a real server process with durable writes. `ENGINE_SECONDS` sets the length of the sustained
run (60).
"""

from __future__ import annotations

import json
import os
import sqlite3
import statistics
import tempfile
import threading
import time
from contextlib import closing
from pathlib import Path

import httpx

from benchmarks.measuring import RUNS, Sample, say
from benchmarks.server import TOKEN, resident, server

FIBO = "def fibo(n): return n if n < 2 else fibo(n - 1) + fibo(n - 2)\nprint(fibo(10))"
RETURN = "io.kestra.plugin.core.debug.Return"


def client(port: int) -> httpx.Client:
    """A client of the server."""
    headers = {"Authorization": f"Bearer {TOKEN}"}
    return httpx.Client(base_url=f"http://127.0.0.1:{port}/api/v1/main", headers=headers, timeout=300)


def flow(id_: str, tasks: list[dict[str, object]], **more: object) -> str:
    """A flow; JSON is YAML."""
    return json.dumps({"id": id_, "namespace": "bench", "tasks": tasks, **more})


def save(http: httpx.Client, source: str) -> None:
    """Store a flow."""
    http.post("/flows", content=source, headers={"Content-Type": "application/x-yaml"}).raise_for_status()


def run(http: httpx.Client, id_: str) -> float:
    """Seconds from the request until the answer that the execution has ended well.

    Raises:
        RuntimeError: it did not.
    """
    start = time.perf_counter()
    answer = http.post(f"/executions/bench/{id_}?wait=true").raise_for_status().json()
    taken = time.perf_counter() - start
    if answer["state"]["current"] != "SUCCESS":
        raise RuntimeError(f"{id_} ended {answer['state']['current']}")
    return taken


def returns(count: int) -> list[dict[str, object]]:
    """Tasks that run within the engine."""
    return [{"id": f"t{n}", "type": RETURN, "format": f"value {n} {{{{ execution.id }}}}"} for n in range(count)]


def scripts(count: int, warm: bool) -> list[dict[str, object]]:
    """Python scripts; a variable that an interpreter reads at its start keeps them from sharing one."""
    common = {
        "type": "io.kestra.plugin.scripts.python.Script",
        "taskRunner": {"type": "io.kestra.plugin.core.runner.Process"},
        "script": FIBO,
    }
    return [{"id": f"t{n}", **common, "env": {} if warm else {"PYTHONUTF8": "1"}} for n in range(count)]


def bench_tasks() -> float:
    """40 tasks in sequence: in process, Python warm, Python with new processes. Returns the first in seconds."""
    with tempfile.TemporaryDirectory() as folder, server(Path(folder)) as (port, _), client(port) as http:
        cases = (("in process", returns(40), "0.05 s"), ("Python, warm", scripts(40, True), "0.25 s"))
        found = []
        for name, tasks, target in (*cases, ("Python, new processes", scripts(40, False), "0.7 s")):
            id_ = name.split(",")[-1].strip().replace(" ", "-")
            save(http, flow(id_, tasks))
            run(http, id_)
            sample = Sample(tuple(run(http, id_) for _ in range(RUNS)))
            say(f"40 tasks: {name}", sample, target)
            found.append(sample.median)
    return found[0]


def bench_floor(forty: float) -> None:
    """A task, against the same durable writes in a bare loop."""
    with tempfile.TemporaryDirectory() as folder, closing(sqlite3.connect(Path(folder) / "db")) as connection:
        connection.execute("PRAGMA journal_mode = WAL")
        connection.execute("PRAGMA synchronous = FULL")
        connection.execute("CREATE TABLE runs (a TEXT, b INTEGER, document BLOB, PRIMARY KEY (a, b)) WITHOUT ROWID")
        taken = [_floor(connection, turn) for turn in range(RUNS)]
    floor = statistics.median(taken) / 40
    say("per task in process", f"{forty / 40 * 1000:.3f} ms", "1 ms")
    say("per task: the same rows, one commit each", f"{floor * 1000:.3f} ms")
    say("per task: times the floor", f"{forty / 40 / floor:.2f}", "4")


def _floor(connection: sqlite3.Connection, turn: int) -> float:
    start = time.perf_counter()
    for number in range(40):
        with connection:
            connection.execute("INSERT INTO runs VALUES (?, ?, ?)", (str(turn), number, b"x" * 400))
    return time.perf_counter() - start


def bench_sustained() -> None:
    """Two-task executions, 16 clients, for a while on one growing store."""
    seconds = float(os.environ.get("ENGINE_SECONDS", "60"))
    with tempfile.TemporaryDirectory() as folder, server(Path(folder)) as (port, pid):
        with client(port) as http:
            save(http, flow("two", returns(2)))
        taken: list[float] = []
        until = time.perf_counter() + seconds
        start = time.perf_counter()
        threads = [threading.Thread(target=_drive, args=(port, until, taken)) for _ in range(16)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        elapsed = time.perf_counter() - start
        say("two-task executions a second", f"{len(taken) / elapsed:.0f} over {elapsed:.0f} s", "500")
        ordered = sorted(taken)
        say("  latency p50", f"{ordered[len(ordered) // 2] * 1000:.1f} ms")
        say("  latency p99", f"{ordered[len(ordered) * 99 // 100] * 1000:.1f} ms", "100 ms")
        say("  memory afterwards", f"{resident(pid):.0f} MB")


def _drive(port: int, until: float, taken: list[float]) -> None:
    from http.client import HTTPConnection

    connection = HTTPConnection("127.0.0.1", port)
    headers = {"Authorization": f"Bearer {TOKEN}"}
    while (start := time.perf_counter()) < until:
        connection.request("POST", "/api/v1/main/executions/bench/two?wait=true", headers=headers)
        body = connection.getresponse().read()
        if b'"SUCCESS"' not in body:
            raise RuntimeError(body[:200])
        taken.append(time.perf_counter() - start)


def bench_webhook(count: int = 200) -> None:
    """From the request of a webhook to the start of its first task, as the task run records it."""
    with tempfile.TemporaryDirectory() as folder, server(Path(folder)) as (port, _), client(port) as http:
        hook = {"id": "hook", "type": "io.kestra.plugin.core.trigger.Webhook", "key": "benchmark-key"}
        save(http, flow("hooked", returns(1), triggers=[hook]))
        taken = []
        for _ in range(count):
            sent = time.time()
            id_ = http.post("/executions/webhook/bench/hooked/benchmark-key", json={}).raise_for_status().json()["id"]
            taken.append(_first_task(http, id_) - sent)
    say("webhook to first task, p50", f"{statistics.median(taken) * 1000:.2f} ms", "5 ms")


def _first_task(http: httpx.Client, id_: str) -> float:
    from datetime import datetime

    while True:
        runs = http.get(f"/executions/{id_}").raise_for_status().json().get("taskRunList")
        if runs:
            return datetime.fromisoformat(runs[0]["state"]["histories"][0]["date"]).timestamp()


def bench_many() -> None:
    """A Loop and a ForEach of 10,000 items and a Parallel of 1,000, each against a tenth of it."""
    one = {"id": "item", "type": RETURN, "format": "{{ item.value ?? taskrun.value }}"}
    with tempfile.TemporaryDirectory() as folder, server(Path(folder)) as (port, pid), client(port) as http:
        for kind, most in (("Loop", 10_000), ("ForEach", 10_000), ("Parallel", 1_000)):
            taken = []
            for count in (most // 10, most):
                inner = returns(count) if kind == "Parallel" else [one]
                task: dict[str, object] = {"id": "many", "type": f"io.kestra.plugin.core.flow.{kind}", "tasks": inner}
                if kind != "Parallel":
                    task["values"] = list(range(count))
                save(http, flow(f"{kind.lower()}{count}", [task]))
                taken.append(run(http, f"{kind.lower()}{count}"))
            say(f"{kind} of {most:,}", f"{taken[1]:.2f} s = {taken[1] / taken[0]:.1f} times a tenth", "10, linear")
        say("  memory afterwards", f"{resident(pid):.0f} MB")


def bench_open(count: int = 10_000) -> None:
    """Start over a store with paused executions: when a new one is done."""
    with tempfile.TemporaryDirectory() as folder:
        with server(Path(folder)) as (port, _), client(port) as http:
            save(http, flow("two", returns(2)))
            save(http, flow("paused", [{"id": "p", "type": "io.kestra.plugin.core.flow.Pause"}, *returns(1)]))
            for _ in range(count):
                http.post("/executions/bench/paused").raise_for_status()
        begin = time.perf_counter()
        with server(Path(folder)) as (port, _), client(port) as http:
            ready = time.perf_counter() - begin
            run(http, "two")
            done = time.perf_counter() - begin
    say(f"start with {count:,} open executions: ready", f"{ready:.2f} s", "0.7 s")
    say("  a new execution done", f"{done:.2f} s", "1 s later")


def bench_idle(seconds: float = 20) -> None:
    """Memory and processor time of a server that does nothing."""
    with tempfile.TemporaryDirectory() as folder, server(Path(folder)) as (port, pid), client(port) as http:
        save(http, flow("two", returns(2)))
        run(http, "two")
        before = _processor(pid)
        time.sleep(seconds)
        say("idle: processor", f"{(_processor(pid) - before) / seconds * 100:.2f} %", "0.5 %")
        say("idle: memory", f"{resident(pid):.0f} MB", "90 MB")


def _processor(pid: int) -> float:
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def run_all() -> None:
    """All of them; temporary stores go below the directory that `TMPDIR` names."""
    print("The engine")
    bench_floor(bench_tasks())
    bench_webhook()
    bench_many()
    bench_idle()
    bench_open()
    bench_sustained()
