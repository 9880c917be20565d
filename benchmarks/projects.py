"""Workspaces of any size: flows of 64 lines and 1.4 kB, as real ones are."""

from __future__ import annotations

from pathlib import Path

ENVIRONMENT = "server: bundled\nnamespace: bench\nflows: flows/bench\npolicy:\n  max_deletes: 100%\n"

HEAD = """\
id: flow-{number:05d}
description: >-
  Flow {number} of a benchmark: seven steps that log what they do,
  started once a day for the day before.

labels:
  team: team-{team}
  tier: gold
  owner: data-platform

inputs:
  - id: day
    type: STRING
    defaults: "2026-01-15"
  - id: limit
    type: INT
    defaults: {number}

variables:
  source: https://example.com/data/{number}

tasks:
"""

TASK = """\
  - id: step-{step}
    type: io.kestra.plugin.core.log.Log
    message: "Flow {number} does step {step} of {{{{ inputs.day }}}}"
    level: INFO

"""

TAIL = """\
triggers:
  - id: daily
    type: io.kestra.plugin.core.trigger.Schedule
    cron: "{minute} {hour} * * *"
    inputs:
      day: "{{{{ trigger.date }}}}"
"""


def flow_source(number: int, changed: str = "") -> str:
    """The text of one flow; `changed` makes it another text."""
    tasks = "".join(TASK.format(step=step, number=number) for step in range(7))
    tail = TAIL.format(minute=number % 60, hour=number % 24)
    return HEAD.format(number=number, team=number % 17) + tasks + tail + (f"# {changed}\n" if changed else "")


def make_workspace(root: Path, flows: int) -> Path:
    """A workspace with one environment, `bench`; returns its directory."""
    (root / "environments").mkdir(parents=True)
    (root / "environments/bench.yaml").write_text(ENVIRONMENT)
    directory = root / "flows/bench"
    directory.mkdir(parents=True)
    for number in range(flows):
        (directory / f"flow-{number:05d}.yaml").write_text(flow_source(number))
    return root


def change_flow(root: Path, number: int, text: str) -> None:
    """Change one flow's file."""
    (root / f"flows/bench/flow-{number:05d}.yaml").write_text(flow_source(number, text))
