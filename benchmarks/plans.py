"""`flowctl plan` over many flows, as a whole process against a running bundled server."""

from __future__ import annotations

import shutil
from pathlib import Path

from benchmarks.measuring import Sample, flowctl, peak_memory, repeat, say
from benchmarks.projects import change_flow, make_workspace

WANTED = {1_000: ("0.4 s", "1.2 s"), 10_000: ("1.2 s", "6 s")}


def run(directory: Path, flows: int) -> Sample:
    """Print plans with nothing and with one flow changed, remembered and on a fresh checkout; returns the first."""
    print(f"Plan of {flows} flows")
    root = make_workspace(directory / f"plan-{flows}", flows)
    warm_target, fresh_target = WANTED.get(flows, ("", ""))
    flowctl("server", "start", cwd=root)
    try:
        flowctl("apply", "bench", "--auto-approve", cwd=root)
        unchanged = repeat(lambda: flowctl("plan", "bench", cwd=root))
        say("nothing changed", unchanged, warm_target)
        change_flow(root, 7, "changed")
        say("one flow changed", repeat(lambda: flowctl("plan", "bench", cwd=root)), warm_target)
        fresh = repeat(lambda: flowctl("plan", "bench", cwd=root), before=lambda: forget(root))
        say("fresh checkout: nothing remembered", fresh, fresh_target)
        forget(root)
        say("peak memory of such a plan", f"{peak_memory('plan', 'bench', cwd=root):.0f} MB", "300 MB for 10,000")
    finally:
        flowctl("server", "stop", cwd=root)
    return unchanged


def forget(root: Path) -> None:
    """Remove what is remembered under `.flowctl/`, but not the running server's files."""
    for path in (root / ".flowctl").iterdir():
        if not path.name.startswith("server"):
            shutil.rmtree(path) if path.is_dir() else path.unlink()
