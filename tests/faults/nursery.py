"""A process that raises applies and lets them be killed: each is a fork that dies by SIGKILL at an exact write.

Run as a program it reads one JSON object a line and answers with one: how the child ended and what it sent.
"""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

import httpx

from flowctl.model.plan import Action
from flowctl.remote.client import HttpServer, connect
from tests.applying.world import World, source
from tests.remote.loopback import TOKEN, Hidden, Running

ROOT = Path(__file__).parents[2]
RUNS = "id: busy\nnamespace: dev\ntasks:\n  - id: wait\n    type: io.kestra.plugin.core.flow.Pause\n"
DAILY = 'triggers:\n  - {id: daily, type: io.kestra.plugin.core.trigger.Schedule, cron: "0 8 * * *"}\n'


class Deadly(httpx.BaseTransport):
    """Kills the process before or after the N-th write (from 1) has been carried out; counts writes."""

    def __init__(self, inner: httpx.BaseTransport, number: int, when: str) -> None:
        self._inner, self._number, self._when, self.writes = inner, number, when, 0

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        write = request.method != "GET" and not request.url.path.endswith(("/sources", "/validate"))
        self.writes += write
        due = write and self.writes == self._number
        if due and self._when == "before":
            os.kill(os.getpid(), signal.SIGKILL)
        answer = self._inner.handle_request(request)
        if due:
            answer.read()
            os.kill(os.getpid(), signal.SIGKILL)
        return answer


class Waking(httpx.BaseTransport):
    """A server that switches the trigger of `busy` on when the flow is written, as 2.0.0 does."""

    def __init__(self, inner: httpx.BaseTransport, url: str) -> None:
        self._inner, self._url = inner, url

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        answer = self._inner.handle_request(request)
        if request.method == "PUT" and request.url.path.endswith("/flows/dev/busy"):
            answer.read()
            switch_daily(self._url, off=False)
        return answer


def switch_daily(url: str, *, off: bool) -> None:
    """As a person does it, or a server of its own accord."""
    body = {"namespace": "dev", "flowId": "busy", "triggerId": "daily", "disabled": off}
    headers = {"Authorization": f"Bearer {TOKEN}"}
    httpx.put(f"{url}/api/v1/main/triggers/set-disabled", json=body, headers=headers).raise_for_status()


def before(world: World) -> None:
    """The files at the first apply."""
    world.flows = {"changed": source("changed"), "gone": source("gone"), "same": source("same")}
    world.files = {"/data.bin": b"before"}
    world.kv = {"key": "before"}
    world.variables = {"SECRET": ("STRING", "PASSWORD")}
    world.environ = {"PASSWORD": "hunter2"}


def after(world: World) -> None:
    """The files at the apply that is killed."""
    world.flows = {
        "changed": source("changed", "after"),
        "same": source("same"),
        "new": source("new", calls="changed"),
    }
    world.calls = {"new": "changed"}
    world.files = {"/data.bin": b"after", "/new.bin": b"after"}
    world.kv = {"key": "after"}
    world.environ = {"PASSWORD": "hunter3"}


def apply_until_killed(order: dict[str, Any]) -> int:
    """The child: apply, and return the number of writes if it lives that long."""
    running = Running(order["url"], Path(order["directory"]))
    environment = running.environment(plain=order["mode"] == "plain", parallelism=1)
    inner: httpx.BaseTransport = Hidden() if order["mode"] == "plain" else httpx.HTTPTransport()
    if order.get("how") == "wake":
        inner = Waking(inner, order["url"])
    wire = Deadly(inner, order["number"], order["when"])
    url = None if order["mode"] == "plain" else order["url"]
    server = connect(environment, {"LOOPBACK_TOKEN": TOKEN}, url=url, transport=wire, pause=lambda _: None)
    world = World(environment)
    if order.get("how") == "wake":
        world.flows = running_flows("after", hour=9)
        world.apply(server, parallelism=1)
    elif order.get("how"):
        hold(order, running, server, world)
    else:
        after(world)
        world.apply(server, single=order["mode"] == "single", parallelism=1)
    return wire.writes


def running_flows(message: str = "before", hour: int = 8) -> dict[str, str]:
    """A flow that runs until it is resumed, and one that does not."""
    daily = DAILY.replace("0 8", f"0 {hour}")
    return {"busy": f"# {message}\n{RUNS}{daily}", "lone": source("lone", message)}


def hold(order: dict[str, Any], running: Running, server: HttpServer, world: World) -> None:
    """Drain a flow, or hold one back, until its execution ends (`goes`) or the time is over (`stays`)."""
    drain, pauses = order["how"] == "drain", 0
    world.flows = {"lone": source("lone", "after")} if drain else running_flows("after")
    plan = world.plan(server)
    changes = tuple(replace(one, drain=drain and one.action is Action.DELETE) for one in plan.changes)

    def pause(seconds: float) -> None:
        nonlocal pauses
        pauses += 1
        world.clock.forward(seconds)
        if pauses == 5 and order["execution"]:
            headers = {"Authorization": f"Bearer {TOKEN}"}
            base = f"{running.url}/api/v1/main/executions/{order['execution']}"
            httpx.Client(headers=headers).post(f"{base}/actions/resume").raise_for_status()
            httpx.Client(headers=headers).get(f"{base}/follow")

    options = {} if drain else {"quiet_window": 300.0}
    found = replace(plan, changes=changes, refusals=())
    world.apply(server, found, pause=pause, parallelism=1, quiet_timeout=60.0, **options)


def main() -> None:
    """Serve orders until the input ends."""
    for line in sys.stdin:
        order = json.loads(line)
        reader, writer = os.pipe()
        child = os.fork()
        if child == 0:
            os.write(writer, str(apply_until_killed(order)).encode())
            os._exit(0)
        os.close(writer)
        _, status = os.waitpid(child, 0)
        said = os.read(reader, 100).decode()
        os.close(reader)
        print(json.dumps({"killed": os.WIFSIGNALED(status), "writes": int(said or 0)}), flush=True)


class Nursery:
    """The process as tests use it."""

    def __init__(self) -> None:
        self._process = subprocess.Popen(
            [sys.executable, "-m", "tests.faults.nursery"],
            cwd=ROOT,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )

    def raise_one(
        self, running: Running, directory: Path, mode: str, number: int, when: str, how: str = "", execution: str = ""
    ) -> dict[str, Any]:
        """Run one apply that is killed at its N-th write; 0 lets it live. `how` is drain or quiet: then `execution` is
        resumed meanwhile, or none is; or wake: then the server switches a trigger on when its flow is written."""
        assert self._process.stdin is not None and self._process.stdout is not None
        order = {"url": running.url, "directory": str(directory), "mode": mode, "number": number, "when": when}
        order |= {"how": how, "execution": execution}
        self._process.stdin.write(json.dumps(order) + "\n")
        self._process.stdin.flush()
        found: dict[str, Any] = json.loads(self._process.stdout.readline())
        return found

    def close(self) -> None:
        """Let it go."""
        assert self._process.stdin is not None
        self._process.stdin.close()
        self._process.wait(20)


if __name__ == "__main__":
    main()
