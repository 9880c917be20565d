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
DBOS_END = "DBOS.destroy()\n"
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
import json, sys, time

def timed():
    start = time.perf_counter()
    assert len(work()) == STEPS
    return time.perf_counter() - start

timed()
with open(sys.argv[1], "w") as file:
    json.dump([timed() for _ in range(RUNS)], file)
"""
PEERS = {"dbos": (DBOS, DBOS_END), "prefect": (PREFECT, "")}
QUIET = {"PREFECT_LOGGING_LEVEL": "CRITICAL", "PREFECT_SERVER_ANALYTICS_ENABLED": "false", "DO_NOT_TRACK": "1"}


def run_all() -> None:
    """Ours, then every peer that is there, with how many times as long it takes."""
    python = os.environ.get("BENCH_PEERS_PYTHON", sys.executable)
    own = _own()
    say(f"{STEPS} steps: flowctl", own)
    for name, (program, end) in PEERS.items():
        found = _peer(python, name, f"{program}{TIMES}{end}")
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
        script, taken, log = (Path(folder) / name for name in ("peer.py", "taken.json", "log"))
        script.write_text(f"STEPS, RUNS = {STEPS}, {RUNS}\n{program}")  # one reads the source of its tasks
        with log.open("wb") as out:  # no pipe: a server that a peer starts would keep it open
            command = [python, str(script), str(taken)]
            code = subprocess.run(command, stdout=out, stderr=out, cwd=folder, env=environment, check=False).returncode
        if not taken.exists():
            return f"ended with {code}: {log.read_text(errors='replace').strip()[-200:]}"
        return Sample(tuple(json.loads(taken.read_text())))
