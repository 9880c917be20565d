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
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
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


PRINTS = "for i in $(seq 1 100); do date +%s%N; sleep 0.02; done"


def bench_lines() -> None:
    """From a line being printed by a script to its arrival at a client that follows the log."""
    task: dict[str, object] = {
        "id": "print",
        "type": "io.kestra.plugin.scripts.shell.Commands",
        "taskRunner": {"type": "io.kestra.plugin.core.runner.Process"},
        "commands": [PRINTS],
    }
    with tempfile.TemporaryDirectory() as folder, server(Path(folder)) as (port, _), client(port) as http:
        save(http, flow("prints", [task]))
        id_ = http.post("/executions/bench/prints").raise_for_status().json()["id"]
        taken = sorted(_arrivals(http, id_))
    for name, at in (("p50", 0.5), ("p99", 0.99)):
        say(f"printed line to a follower, {name}", f"{taken[int(len(taken) * at)] * 1000:.1f} ms", "100 ms")


def _arrivals(http: httpx.Client, id_: str) -> Iterator[float]:
    """Seconds from each line's own time to its arrival."""
    with http.stream("GET", f"/logs/{id_}/follow") as stream:
        for line in stream.iter_lines():
            message = json.loads(line[5:]).get("message", "") if line.startswith("data:") else ""
            if message.isdigit():
                yield time.time() - int(message) / 1e9
            elif message.startswith("Flow completed") or "completed with state" in message:
                return


MANY: tuple[tuple[str, str, int, dict[str, object]], ...] = (
    ("Loop", "Loop", 10_000, {}),
    ("Loop, all at once", "Loop", 10_000, {"concurrencyLimit": 0}),
    ("ForEach", "ForEach", 10_000, {}),
    ("ForEach of workers' tasks, all at once", "ForEach", 10_000, {"concurrencyLimit": 0}),
    ("Parallel", "Parallel", 1_000, {}),
    ("Parallel of workers' tasks, 8 at once", "Parallel", 1_000, {"concurrent": 8}),
)
"""What it is called, its type, how many items or tasks, and its other properties."""


def bench_many() -> None:
    """Loops and ForEach of 10,000 items and a Parallel of 1,000 tasks, each against ten of a tenth.

    The ratio is that of processor time, which other work on the machine disturbs least; 1 is linear.
    """
    for name, kind, most, more in MANY:
        work: dict[str, object] = {"type": RETURN, "format": "{{ item.value ?? taskrun.value ?? 'x' }}"}
        if "workers" in name:
            work = {"type": "io.kestra.plugin.core.kv.Get", "key": "absent", "errorOnMissing": False}
        with tempfile.TemporaryDirectory() as folder, server(Path(folder)) as (port, pid), client(port) as http:
            save(http, flow("two", returns(2)))
            run(http, "two")
            few = _many(http, pid, kind, most // 10, {**more, "work": work}, times=10)
            many = _many(http, pid, kind, most, {**more, "work": work})
            ratio = f"{many[1] / few[1]:.2f} times the processor time of ten with a tenth"
            say(f"{name}, {most:,}", f"{many[0]:.2f} s, {ratio}, at most {_peak(pid)} MB", "1.1 times")


def _many(
    http: httpx.Client, pid: int, kind: str, count: int, properties: dict[str, object], times: int = 1
) -> tuple[float, float]:
    """Seconds by the clock and of the processor, of so many runs together."""
    more = dict(properties)
    work = more.pop("work")
    assert isinstance(work, dict)
    tasks = [{"id": f"t{n}", **work} for n in range(count if kind == "Parallel" else 1)]
    values = {} if kind == "Parallel" else {"values": list(range(count))}
    task = {"id": "many", "type": f"io.kestra.plugin.core.flow.{kind}", "tasks": tasks, **values, **more}
    save(http, flow(f"many{count}", [task]))
    before = _processor(pid)
    taken = sum(run(http, f"many{count}") for _ in range(times))
    return taken, _processor(pid) - before


def _peak(pid: int) -> int:
    """The most memory that a process has had, in MB."""
    lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    return next(int(line.split()[1]) // 1024 for line in lines if line.startswith("VmHWM"))


def bench_open(count: int = 10_000) -> None:
    """Start over a store with paused executions: when a new one is done."""
    with tempfile.TemporaryDirectory() as folder:
        with server(Path(folder)) as (port, _), client(port) as http:
            save(http, flow("two", returns(2)))
            save(http, flow("paused", [{"id": "p", "type": "io.kestra.plugin.core.flow.Pause"}, *returns(1)]))
            with ThreadPoolExecutor(8) as pool:
                list(pool.map(lambda _: http.post("/executions/bench/paused").raise_for_status(), range(count)))
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
    bench_lines()
    bench_many()
    bench_idle()
    bench_open()
    bench_sustained()
