"""`flowctl plan` against a server with Kestra's API alone, beside that server's own time for what a plan must read.

The server is the bundled one in either dialect, which announces none of flowctl's own routes. Its own time is that of
two requests of a bare client over a warm connection: one export of all texts, and one search with a row for each flow
(the revisions are only there). The plan is measured twice: as the process that a user starts, and without what every
start of Python and flowctl takes (`flowctl --version`).
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
TOKEN = "benchmark"
VARIABLE = "FLOWCTL_BENCH_TOKEN"
START = """
import sys
from pathlib import Path
from flowctl.engine.api import app
from flowctl.engine.service import serve
from flowctl.engine.settings import Credentials, Settings
app.CAPABILITIES = (b"flowctl-capabilities", b"")
serve(
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
    for dialect in DIALECTS:
        print(f"A server with Kestra's API alone, dialect {dialect}, {FLOWS} flows")
        with plain_server(directory / f"kestra-{dialect}", dialect) as url:
            _measure(directory / f"kestra-workspace-{dialect}", url, start)


@contextmanager
def plain_server(directory: Path, dialect: str) -> Iterator[str]:
    """A running server without flowctl's own capabilities; gives its address."""
    command = [sys.executable, "-c", START, str(directory), dialect, TOKEN]
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
