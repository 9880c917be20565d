"""`apply` of new flows: one batch as a whole process, and single writes against a bare loop of the same requests."""

from __future__ import annotations

import json
import os
import sys
import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from pathlib import Path

from benchmarks.measuring import RUNS, Sample, flowctl, say, timed
from benchmarks.projects import flow_source, make_workspace
from flowctl.applying.apply import apply_plan
from flowctl.applying.options import ApplyOptions
from flowctl.cli.background.record import ServerRecord, read_record
from flowctl.cli.console import Console
from flowctl.cli.plans.prepare import Wishes, make_plan
from flowctl.loading.configuration.environments import load_environment
from flowctl.loading.workspace import find_workspace
from flowctl.remote.client import connect

FLOWS = 1_000
PARALLELISM = 8


def run(directory: Path) -> None:
    """Print both, each measurement on a server that starts empty."""
    print(f"Apply of {FLOWS} new flows")
    batches, ours, bare = [], [], []
    for number in range(RUNS):
        batches.append(_on_new_server(directory / f"batch-{number}", _batch))
        ours.append(_on_new_server(directory / f"single-{number}", _single))
        bare.append(_on_new_server(directory / f"bare-{number}", _bare))
    say("batch, whole process", Sample(tuple(batches)), "1.5 s")
    say(f"single writes, {PARALLELISM} at once, start-up apart", Sample(tuple(ours)))
    say("the same requests in a bare httpx loop", Sample(tuple(bare)))
    ratios = Sample(tuple(a / b for a, b in zip(ours, bare, strict=True)), "times")
    say("single writes over the bare loop", ratios, "1.1 times")


def _on_new_server(directory: Path, work: object) -> float:
    root = make_workspace(directory, FLOWS)
    flowctl("server", "start", cwd=root)
    try:
        assert callable(work)
        return float(work(root))
    finally:
        flowctl("server", "stop", cwd=root)


def _batch(root: Path) -> float:
    return timed(lambda: flowctl("apply", "bench", "--auto-approve", cwd=root))


def _single(root: Path) -> float:
    workspace = find_workspace(root)
    environment, record = load_environment(workspace, "bench"), _record(root)
    server = connect(environment, os.environ, url=record.url, token=record.token())
    console = Console(sys.stdout, sys.stderr, os.environ)
    plan = make_plan(console, workspace, environment, Wishes(), lambda: server).plan
    options = ApplyOptions(environment, parallelism=PARALLELISM, single=True).identified()
    stop = threading.Event()

    def work() -> None:
        report = apply_plan(
            plan, server, options, lambda _: None, clock=lambda: datetime.now(UTC), environ=os.environ, stop=stop
        )
        assert report.ok, report.problems

    return timed(work)


def _bare(root: Path) -> float:
    """What a script would do: one POST per flow over one client, as many at once."""
    import httpx

    record = _record(root)
    headers = {"Authorization": f"Bearer {record.token()}", "Content-Type": "application/x-yaml"}
    texts = [flow_source(number).replace("\n", "\nnamespace: bench\n", 1) for number in range(FLOWS)]
    with httpx.Client(base_url=record.url, headers=headers) as client, ThreadPoolExecutor(PARALLELISM) as pool:

        def create(text: str) -> None:
            answer = client.post("/api/v1/main/flows", content=text)
            answer.raise_for_status()
            json.loads(answer.content)

        return timed(lambda: list(pool.map(create, texts)))


def _record(root: Path) -> ServerRecord:
    record = read_record(root / ".flowctl")
    assert record is not None
    return record
