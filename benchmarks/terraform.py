"""The same files under Terraform: 1,000 built-in `terraform_data` resources that read them, applied, then planned."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

from benchmarks.measuring import Sample, repeat, say
from benchmarks.projects import make_workspace

FLOWS = 1_000
RUNS = 5
RECORDED = "18-22 s (Terraform 1.11.4 on two cores, built-in resources alone; recorded, not measured now)"

CONFIGURATION = """\
terraform {
  required_version = ">= 1.4"
}

resource "terraform_data" "flow" {
  for_each = fileset("${path.module}/flows/bench", "*.yaml")
  input    = file("${path.module}/flows/bench/${each.value}")
}
"""


def run(directory: Path, ours: Sample) -> None:
    """Print `terraform plan` with nothing to do, and how many times faster `flowctl plan` was in the same run."""
    print(f"Terraform, plan of {FLOWS} resources with nothing changed")
    program = shutil.which("terraform")
    if program is None:
        say("terraform plan", RECORDED)
        return
    root = make_workspace(directory / "terraform", FLOWS)
    (root / "main.tf").write_text(CONFIGURATION)
    _terraform(program, root, "init", "-backend=false")
    _terraform(program, root, "apply", "-auto-approve")
    theirs = repeat(lambda: _terraform(program, root, "plan"), runs=RUNS)
    say("terraform plan", theirs)
    say("flowctl plan, nothing changed", ours)
    say("times faster", f"{theirs.median / ours.median:.0f}", "40")


def _terraform(program: str, root: Path, *arguments: str) -> None:
    command = [program, arguments[0], "-no-color", "-input=false", *arguments[1:]]
    subprocess.run(command, cwd=root, check=True, capture_output=True)
