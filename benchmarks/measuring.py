"""Repeat, time, and say it in one line."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import median

RUNS = 5


@dataclass(frozen=True, slots=True)
class Sample:
    """Some measurements of one thing, in `unit`."""

    values: tuple[float, ...]
    unit: str = "s"

    @property
    def median(self) -> float:
        """The middle one."""
        return median(self.values)

    def __str__(self) -> str:
        low, high = min(self.values), max(self.values)
        return f"{self.median:.3g} {self.unit} ({low:.3g}-{high:.3g}, n={len(self.values)})"


def timed(work: Callable[[], object]) -> float:
    """Seconds that `work` takes."""
    start = time.perf_counter()
    work()
    return time.perf_counter() - start


def repeat(work: Callable[[], object], runs: int = RUNS, before: Callable[[], object] | None = None) -> Sample:
    """`work`, several times; `before` runs ahead of each and is not counted."""
    values = []
    for _ in range(runs):
        if before is not None:
            before()
        values.append(timed(work))
    return Sample(tuple(values))


def interleaved(first: Callable[[], object], second: Callable[[], object], runs: int) -> tuple[Sample, Sample]:
    """Two things in turn, so that a busy moment of the machine hits both."""
    pairs = [(timed(first), timed(second)) for _ in range(runs)]
    return Sample(tuple(a for a, _ in pairs)), Sample(tuple(b for _, b in pairs))


def say(what: str, value: object, target: str = "") -> None:
    """One line of the report."""
    print(f"  {what:<52} {value}" + (f"   [wanted: {target}]" if target else ""), flush=True)


def flowctl(*arguments: str, cwd: Path, expect: Sequence[int] = (0,)) -> str:
    """Run flowctl as a process of its own; returns its standard output.

    Raises:
        RuntimeError: it ended with another exit code.
    """
    result = subprocess.run(
        [sys.executable, "-m", "flowctl", *arguments], cwd=cwd, capture_output=True, text=True, check=False
    )
    if result.returncode not in expect:
        raise RuntimeError(f"flowctl {' '.join(arguments)} ended with {result.returncode}:\n{result.stderr}")
    return result.stdout


def peak_memory(*arguments: str, cwd: Path) -> float:
    """The most memory that a process of flowctl needs at a time, in MB.

    Raises:
        RuntimeError: it failed.
    """
    command = [sys.executable, "-m", "flowctl", *arguments]
    process = subprocess.Popen(command, cwd=cwd, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    _, status, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode != 0:
        raise RuntimeError(f"flowctl {' '.join(arguments)} ended with {process.returncode}")
    return usage.ru_maxrss / 1e6 if sys.platform == "darwin" else usage.ru_maxrss / 1024
