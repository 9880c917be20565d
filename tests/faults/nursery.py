"""A process that raises applies and lets them be killed: each is a fork that dies by SIGKILL at an exact write.

Run as a program it reads one JSON object a line and answers with one: how the child ended and what it sent.
"""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

import httpx

from flowctl.remote.client import connect
from tests.applying.world import World, source
from tests.remote.loopback import TOKEN, Hidden, Running

ROOT = Path(__file__).parents[2]


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
    wire = Deadly(inner, order["number"], order["when"])
    url = None if order["mode"] == "plain" else order["url"]
    server = connect(environment, {"LOOPBACK_TOKEN": TOKEN}, url=url, transport=wire, pause=lambda _: None)
    world = World(environment)
    after(world)
    world.apply(server, single=order["mode"] == "single", parallelism=1)
    return wire.writes


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

    def raise_one(self, running: Running, directory: Path, mode: str, number: int, when: str) -> dict[str, Any]:
        """Run one apply that is killed at its N-th write; 0 lets it live."""
        assert self._process.stdin is not None and self._process.stdout is not None
        order = {"url": running.url, "directory": str(directory), "mode": mode, "number": number, "when": when}
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
