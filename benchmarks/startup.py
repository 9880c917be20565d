"""What flowctl costs before it does anything: whole processes against an empty Python."""

from __future__ import annotations

import subprocess
import sys
from functools import partial

from benchmarks.measuring import Sample, interleaved, say

RUNS = 15


def run() -> None:
    """Print how much longer `--help` and `version` take than `python -c pass`."""
    print("Start-up")
    for arguments in (["--help"], ["version"]):
        bare, ours = interleaved(partial(_python, "-c", "pass"), partial(_python, "-m", "flowctl", *arguments), RUNS)
        extra = Sample(tuple((b - a) * 1000 for a, b in zip(bare.values, ours.values, strict=True)), "ms")
        say(f"flowctl {arguments[0]} over python -c pass", extra, "60 ms")


def _python(*arguments: str) -> None:
    subprocess.run([sys.executable, *arguments], stdout=subprocess.DEVNULL, check=True)
