"""40 steps in sequence with other engines, beside ours: `python -m benchmarks peers`.

They are no dependency of flowctl. Install them where you like, apart from flowctl, and say which Python has them:

    python -m venv ~/peers && ~/peers/bin/pip install dbos prefect
    BENCH_PEERS_PYTHON=~/peers/bin/python python -m benchmarks peers

A peer that this Python does not have is left out. Each runs one workflow of 40 steps that return a value, in process,
on its own SQLite file, once to warm up and then several times; ours runs 40 `Return` tasks, end to end as a client
sees them.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path

from benchmarks.engine import client, flow, returns, run, save
from benchmarks.measuring import RUNS, Sample, say
from benchmarks.server import server

STEPS = 40
DBOS = """
from dbos import DBOS

DBOS(config={"name": "bench", "system_database_url": "sqlite:///bench.sqlite", "run_admin_server": False})

@DBOS.step()
def step(number):
    return f"value {number}"

@DBOS.workflow()
def work():
    return [step(number) for number in range(STEPS)]

DBOS.launch()
"""
PREFECT = """
from prefect import flow, task

@task
def step(number):
    return f"value {number}"

@flow
def work():
    return [step(number) for number in range(STEPS)]
"""
TIMES = """
import json, os, time

def timed():
    start = time.perf_counter()
    assert len(work()) == STEPS
    return time.perf_counter() - start

timed()
print("TAKEN", json.dumps([timed() for _ in range(RUNS)]), flush=True)
os._exit(0)
"""
PEERS = {"dbos": DBOS, "prefect": PREFECT}
QUIET = {"PREFECT_LOGGING_LEVEL": "CRITICAL", "PREFECT_SERVER_ANALYTICS_ENABLED": "false", "DO_NOT_TRACK": "1"}


def run_all() -> None:
    """Ours, then every peer that is there, with how many times as long it takes."""
    python = os.environ.get("BENCH_PEERS_PYTHON", sys.executable)
    own = _own()
    say(f"{STEPS} steps: flowctl", own)
    for name, program in PEERS.items():
        found = _peer(python, name, program)
        say(
            f"{STEPS} steps: {name}",
            found if isinstance(found, str) else f"{found} = {found.median / own.median:.1f} x",
        )


def _own() -> Sample:
    with tempfile.TemporaryDirectory() as folder, server(Path(folder)) as (port, _), client(port) as http:
        save(http, flow("forty", returns(STEPS)))
        run(http, "forty")
        return Sample(tuple(run(http, "forty") for _ in range(RUNS)))


def _peer(python: str, name: str, program: str) -> Sample | str:
    """Its times, or why there are none."""
    if subprocess.run([python, "-c", f"import {name}"], capture_output=True, check=False).returncode:
        return f"not installed for {python}"
    with tempfile.TemporaryDirectory() as folder:
        environment = {**os.environ, **QUIET, "PREFECT_HOME": folder, "HOME": folder}
        script = Path(folder) / "peer.py"  # a file: one of them reads the source of its tasks
        script.write_text(f"STEPS, RUNS = {STEPS}, {RUNS}\n{program}{TIMES}")
        done = subprocess.run(
            [python, script], capture_output=True, text=True, cwd=folder, env=environment, timeout=600, check=False
        )
    line = next((line for line in done.stdout.splitlines() if line.startswith("TAKEN ")), None)
    if line is None:
        return f"ended with {done.returncode}: {done.stderr.strip()[-200:]}"
    return Sample(tuple(json.loads(line.removeprefix("TAKEN "))))
