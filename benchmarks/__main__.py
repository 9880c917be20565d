"""Run the measurements: `python -m benchmarks [NAME ...]`, all by default; `NAMES` says which there are."""

from __future__ import annotations

import os
import platform
import sys
import tempfile
from pathlib import Path

from benchmarks import applies, disk, plans, startup, terraform

NAMES = (
    "startup",
    "disk",
    "server",
    "apply",
    "plan",
    "large-plan",
    "engine",
    "large-store",
    "schedules",
    "peers",
    "kestra",
)


def main(arguments: list[str]) -> int:
    """Run what was named; returns the exit code."""
    unknown = [name for name in arguments if name not in NAMES]
    if unknown:
        print(f"unknown: {', '.join(unknown)}; there are {', '.join(NAMES)}", file=sys.stderr)
        return 64
    print(f"Python {platform.python_version()}, {platform.platform()}, {os.cpu_count()} cores")
    print("Each line: median (minimum-maximum, number of runs)")
    with tempfile.TemporaryDirectory(prefix="flowctl-bench-") as directory:
        for name in arguments or NAMES:
            measure(name, Path(directory))
    return 0


def measure(name: str, directory: Path) -> None:
    """Run one group."""
    if name == "startup":
        startup.run()
    elif name == "disk":
        disk.run(directory)
    elif name == "server":
        run_server_benchmarks()
    elif name == "apply":
        applies.run(directory)
    elif name == "plan":
        terraform.run(directory, plans.run(directory, 1_000))
    elif name == "large-plan":
        plans.run(directory, 10_000)
    elif name == "engine":
        from benchmarks import engine

        engine.run_all()
    elif name == "large-store":
        from benchmarks import large_store

        large_store.run_all()
    elif name == "kestra":
        from benchmarks import kestra

        kestra.run(directory)
    elif name == "peers":
        from benchmarks import peers

        peers.run_all()
    elif name == "schedules":
        from benchmarks import schedules

        schedules.run()


def run_server_benchmarks() -> None:
    """The bundled server's own figures."""
    from benchmarks import server

    print("The bundled server")
    server.bench_ready()
    server.bench_idle()
    server.bench_reads()
    server.bench_writes()


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
