"""The real server as a process of its own that can be told to die at an exact commit."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.remote.loopback import TOKEN, Running

ROOT = Path(__file__).parents[2]
PROGRAM = """
import sys
from pathlib import Path
from flowctl.engine.service import serve
from flowctl.engine.settings import Credentials, Settings
serve(
    Settings(Path(sys.argv[1]), port=0, dialect="2.0", credentials=Credentials(token=sys.argv[2])),
    on_ready=lambda listening: print(listening.url, flush=True),
)
"""


@contextmanager
def doomed(directory: Path, fault: str) -> Iterator[tuple[Running, subprocess.Popen[str]]]:
    """A server over `directory`/data that dies at the commit that `fault` names (`before-commit:3`)."""
    process = subprocess.Popen(
        [sys.executable, "-c", PROGRAM, str(directory / "data"), TOKEN],
        cwd=ROOT,
        env={**os.environ, "FLOWCTL_TEST_FAULTS": "1", "FLOWCTL_FAULT": fault},
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    )
    try:
        assert process.stdout is not None
        yield Running(process.stdout.readline().strip(), directory), process
    finally:
        process.kill()
        process.wait(20)
