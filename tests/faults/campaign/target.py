"""The server that is killed: a process of its own, which may be killed at any time of its life."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

import httpx

from benchmarks.server import START, TOKEN

MAIN = "/api/v1/main"
DEADLINE = 60.0


class Target:
    """A server over a directory. `fault` is what `FLOWCTL_FAULT` takes, or nothing."""

    def __init__(self, data: Path, fault: str = "") -> None:
        environ: Mapping[str, str] = {**os.environ, "FLOWCTL_TEST_FAULTS": "1", "FLOWCTL_FAULT": fault}
        self.log = data.parent / "server.log"
        with self.log.open("ab") as log:
            self.process = subprocess.Popen(
                [sys.executable, "-c", START, str(data), TOKEN],
                env=environ,
                stdout=subprocess.PIPE,
                stderr=log,
                text=True,
            )

    def client(self) -> httpx.Client | None:
        """A client, once the server is ready; None when it has died before."""
        assert self.process.stdout is not None
        line = self.process.stdout.readline()
        if not line:
            return None
        headers = {"Authorization": f"Bearer {TOKEN}"}
        return httpx.Client(base_url=f"http://127.0.0.1:{int(line)}{MAIN}", headers=headers, timeout=DEADLINE)

    def ended_within(self, seconds: float) -> bool:
        """Whether it ends by itself in some time."""
        try:
            self.process.wait(seconds)
        except subprocess.TimeoutExpired:
            return False
        return True

    def kill(self) -> None:
        """kill -9, and wait for the end."""
        self.process.send_signal(signal.SIGKILL)
        self.ended()

    def ended(self) -> int:
        """Wait for the end. Returns the exit code."""
        code = self.process.wait(DEADLINE)
        assert self.process.stdout is not None
        self.process.stdout.close()
        return code

    def stop(self) -> None:
        """End it in order."""
        self.process.terminate()
        self.ended()
