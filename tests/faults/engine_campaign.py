"""kill -9 of the server at random points while mixed executions run, then the truth about each of them.

    python -m tests.faults.engine_campaign --rounds 200 --executions 1000 --seed 1

A round starts the server, starts some executions over HTTP, kills the server after a random time, and looks into the
store that is left. The last server is left alone until all has ended. Every acknowledged execution has to end in its
state, no task that had reported may leave a second note, and no process of a task may outlive its server.
"""

from __future__ import annotations

import argparse
import os
import random
import signal
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

import httpx

from benchmarks.server import TOKEN, server
from flowctl.engine.store import Store, executions

DEADLINE = 60.0
NOTE = "echo $$ >> {directory}/{{{{ execution.id }}}}.{{{{ task.id }}}}"
PROCESS = "taskRunner: {type: io.kestra.plugin.core.runner.Process}"
FLOWS = {
    "plain": ("SUCCESS", "  - {id: a, type: io.kestra.plugin.core.debug.Return, format: x}\n"),
    "script": (
        "SUCCESS",
        f"  - {{id: n1, type: io.kestra.plugin.scripts.shell.Commands, {PROCESS}, commands: ['NOTE']}}\n"
        "  - {id: nap, type: io.kestra.plugin.core.flow.Sleep, duration: PT0.05S}\n"
        f"  - {{id: n2, type: io.kestra.plugin.scripts.shell.Commands, {PROCESS}, commands: ['NOTE', 'sleep 0.1']}}\n",
    ),
    "loop": (
        "SUCCESS",
        "  - id: loop\n    type: io.kestra.plugin.core.flow.Loop\n    values: [a, b, c]\n    tasks:\n"
        "      - {id: i, type: io.kestra.plugin.core.debug.Return, format: '{{ item.value }}'}\n",
    ),
    "bad": (
        "FAILED",
        f"  - {{id: n1, type: io.kestra.plugin.scripts.shell.Commands, {PROCESS}, commands: ['NOTE', 'exit 3']}}\n"
        "errors:\n  - {id: e, type: io.kestra.plugin.core.log.Log, message: failed}\n",
    ),
    "python": (
        "SUCCESS",
        f"  - {{id: p, type: io.kestra.plugin.scripts.python.Script, {PROCESS}, script: 'print(1)'}}\n"
        "  - id: both\n    type: io.kestra.plugin.core.flow.Parallel\n    tasks:\n"
        f"      - {{id: n1, type: io.kestra.plugin.scripts.shell.Commands, {PROCESS}, commands: ['NOTE']}}\n"
        "      - {id: r, type: io.kestra.plugin.core.debug.Return, format: x}\n",
    ),
}


@dataclass(slots=True)
class Campaign:
    """What has been acknowledged, and what had reported at some kill. `wrong` is what broke a promise."""

    directory: Path
    dice: random.Random
    expected: dict[str, str] = field(default_factory=dict)
    reported: dict[tuple[str, str], int] = field(default_factory=dict)
    wrong: list[str] = field(default_factory=list)

    @property
    def notes(self) -> Path:
        """Where tasks leave their process ids, one file for each execution and task."""
        return self.directory / "notes"

    def noted(self) -> dict[tuple[str, str], list[int]]:
        """Process ids by execution and task."""
        found = {}
        for path in self.notes.iterdir():
            execution, _, task = path.name.partition(".")
            found[execution, task] = [int(line) for line in path.read_text().split()]
        return found


def client(port: int) -> httpx.Client:
    headers = {"Authorization": f"Bearer {TOKEN}"}
    return httpx.Client(base_url=f"http://127.0.0.1:{port}/api/v1/main", headers=headers, timeout=DEADLINE)


def source(campaign: Campaign, id_: str) -> str:
    note = NOTE.format(directory=campaign.notes)
    return f"id: {id_}\nnamespace: campaign\ntasks:\n{FLOWS[id_][1].replace('NOTE', note)}"


def begin(campaign: Campaign, http: httpx.Client, count: int) -> None:
    """Start executions of flows picked at random, until the server is gone."""
    try:
        for _ in range(count):
            id_ = campaign.dice.choice(sorted(FLOWS))
            answer = http.post(f"/executions/campaign/{id_}")
            if answer.is_success:
                campaign.expected[answer.json()["id"]] = FLOWS[id_][0]
    except httpx.TransportError:
        return  # killed: what was not answered was not acknowledged


def kill_once(campaign: Campaign, count: int) -> None:
    """One round."""
    with server(campaign.directory / "data") as (port, pid), client(port) as http:
        starting = threading.Thread(target=begin, args=(campaign, http, count))
        starting.start()
        starting.join(campaign.dice.uniform(0, 0.04 * count + 0.15))
        os.kill(pid, signal.SIGKILL)
        starting.join()
    outlived(campaign)
    look(campaign)


def outlived(campaign: Campaign) -> None:
    """No process of a task may be there a moment after its server."""
    until = time.monotonic() + 5
    left = {pid for pids in campaign.noted().values() for pid in pids if alive(pid, campaign)}
    while left and time.monotonic() < until:
        left = {pid for pid in left if alive(pid, campaign)}
    campaign.wrong.extend(f"process {pid} outlived its server" for pid in left)


def alive(pid: int, campaign: Campaign) -> bool:
    """Whether this is still a process of ours: its directory is below the campaign's."""
    try:
        return Path(f"/proc/{pid}/cwd").readlink().is_relative_to(campaign.directory)
    except OSError:
        return False


def look(campaign: Campaign) -> None:
    """Note how often each task that has reported had run by now."""
    noted = campaign.noted()
    store = Store.open(campaign.directory / "data", environ={})
    try:
        for id_ in campaign.expected:
            found = store.read(lambda connection, id_=id_: executions.read(connection, id_))
            if found is None:
                campaign.wrong.append(f"{id_} was acknowledged and is not there")
                continue
            for run in found.runs.values():
                key = id_, run.task_id
                if key in noted and run.state in ("SUCCESS", "FAILED"):
                    campaign.reported.setdefault(key, len(noted[key]))
    finally:
        store.close()


def finish(campaign: Campaign) -> Mapping[str, str]:
    """Let everything end. Returns the states."""
    states: dict[str, str] = {}
    with server(campaign.directory / "data") as (port, _), client(port) as http:
        for id_ in campaign.expected:
            with http.stream("GET", f"/executions/{id_}/follow") as events:
                for _ in events.iter_lines():
                    pass
            states[id_] = http.get(f"/executions/{id_}").json()["state"]["current"]
    return states


def judge(campaign: Campaign, states: Mapping[str, str]) -> None:
    """Hold what came of it against what was promised."""
    for id_, state in campaign.expected.items():
        if states.get(id_) != state:
            campaign.wrong.append(f"{id_} ended {states.get(id_)}, not {state}")
    noted = campaign.noted()
    for key, count in campaign.reported.items():
        if len(noted[key]) != count:
            campaign.wrong.append(f"{key} had reported after {count} runs and ran {len(noted[key])} times")


def run(directory: Path, rounds: int, total: int, seed: int) -> Campaign:
    """The whole campaign in a new directory."""
    campaign = Campaign(directory, random.Random(seed))
    campaign.notes.mkdir()
    with server(directory / "data") as (port, _), client(port) as http:
        for id_ in FLOWS:
            text = source(campaign, id_)
            http.post("/flows", content=text, headers={"Content-Type": "application/x-yaml"}).raise_for_status()
    for _ in range(rounds):
        kill_once(campaign, max(total // rounds, 1))
    judge(campaign, finish(campaign))
    return campaign


def main() -> int:
    """The command."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=200)
    parser.add_argument("--executions", type=int, default=1000)
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    begun = time.monotonic()
    with tempfile.TemporaryDirectory(prefix="flowctl-campaign-") as folder:
        campaign = run(Path(folder).resolve(), options.rounds, options.executions, options.seed)
        again = Counter(len(pids) for pids in campaign.noted().values())
    print(f"{options.rounds} kills, {len(campaign.expected)} acknowledged, {time.monotonic() - begun:.0f} s")
    print(
        f"runs of a task with a note: {dict(sorted(again.items()))}; seen reported at a kill: {len(campaign.reported)}"
    )
    print("\n".join(campaign.wrong) or "nothing was lost, doubled or left behind")
    return 1 if campaign.wrong else 0


if __name__ == "__main__":
    raise SystemExit(main())
