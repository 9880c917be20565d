"""`flowctl plan` against a server with Kestra's API alone, beside that server's own time for what a plan must read.

The server is the bundled one in either dialect, which announces none of flowctl's own routes. Its own time is that of
two requests of a bare client over a warm connection: one export of all texts, and one search with a row for each flow
(the revisions are only there). The plan is measured twice: as the process that a user starts, and without what every
start of Python and flowctl takes (`flowctl --version`).

The bundled server exports 1,000 flows in some hundredths of a second; a Kestra 2.0 took 1.2 s. So everything is
measured a second time with an export that waits that long: what a team with such a server sees.
"""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx

from benchmarks.measuring import Sample, flowctl, interleaved, repeat, say
from benchmarks.projects import change_flow, make_workspace

DIALECTS = ("2.0", "1.3")
FLOWS = 1_000
RUNS = 9
WANTED = "1.3 times"
EXPORT = 1.2
"""Seconds in which a Kestra 2.0 exported 1,000 flows."""
TOKEN = "benchmark"
VARIABLE = "FLOWCTL_BENCH_TOKEN"
START = """
import asyncio, sys
from pathlib import Path
from flowctl.engine import service
from flowctl.engine.api import app
from flowctl.engine.settings import Credentials, Settings
app.CAPABILITIES = (b"flowctl-capabilities", b"")
configure = service._config
def slowed(inner, settings):
    async def outer(scope, receive, send):
        if scope.get("path", "").endswith("/flows/export/by-query"):
            await asyncio.sleep(float(sys.argv[4]))
        await inner(scope, receive, send)
    return configure(outer, settings)
service._config = slowed
service.serve(
    Settings(Path(sys.argv[1]), port=0, dialect=sys.argv[2], credentials=Credentials(token=sys.argv[3])),
    on_ready=lambda here: print(here.port, flush=True),
)
"""
ENVIRONMENT = """\
server: {url}
auth: {{token_env: {variable}}}
namespace: bench
flows: flows/bench
policy:
  max_deletes: 100%
"""


def run(directory: Path) -> None:
    """Print the figures for both dialects."""
    os.environ[VARIABLE] = TOKEN
    start = repeat(lambda: flowctl("--version", cwd=directory))
    for dialect, wait in ((dialect, wait) for dialect in DIALECTS for wait in (0.0, EXPORT)):
        slow = f", each export waits {wait} s" if wait else ""
        print(f"A server with Kestra's API alone, dialect {dialect}, {FLOWS} flows{slow}")
        with plain_server(directory / f"kestra-{dialect}-{wait}", dialect, wait) as url:
            _measure(directory / f"kestra-workspace-{dialect}-{wait}", url, start)


@contextmanager
def plain_server(directory: Path, dialect: str, wait: float = 0.0) -> Iterator[str]:
    """A running server without flowctl's own capabilities, whose exports wait for some seconds; gives its address."""
    command = [sys.executable, "-c", START, str(directory), dialect, TOKEN, str(wait)]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
    try:
        assert process.stdout is not None
        yield f"http://127.0.0.1:{int(process.stdout.readline())}"
    finally:
        process.terminate()
        process.wait(20)


def _measure(root: Path, url: str, start: Sample) -> None:
    make_workspace(root, FLOWS)
    (root / "environments/bench.yaml").write_text(ENVIRONMENT.format(url=url, variable=VARIABLE))
    flowctl("apply", "bench", "--auto-approve", cwd=root)
    with httpx.Client(base_url=f"{url}/api/v1/main", headers={"Authorization": f"Bearer {TOKEN}"}) as client:
        own, plan = _beside(client, root)
        say("the server's own time: one export, one search", own)
        _compare("nothing changed", plan, own, start)
        change_flow(root, 7, "changed")
        own, plan = _beside(client, root)
        _compare("one flow changed", plan, own, start)


def _beside(client: httpx.Client, root: Path) -> tuple[Sample, Sample]:
    return interleaved(_reading(client), lambda: flowctl("plan", "bench", cwd=root), RUNS)


def _reading(client: httpx.Client) -> Callable[[], None]:
    below = {"filters[namespace][PREFIX]": "bench"}

    def read() -> None:
        client.get("/flows/export/by-query", params=below).raise_for_status()
        client.get("/flows/search", params={"page": "1", "size": str(FLOWS), **below}).raise_for_status()

    return read


def _compare(what: str, plan: Sample, own: Sample, start: Sample) -> None:
    say(f"plan, {what}", plan)
    say("  times the server's own time", f"{plan.median / own.median:.2f}")
    net = plan.median - start.median
    say("  without the start (flowctl --version)", f"{net:.3g} s, {net / own.median:.2f} times", WANTED)
