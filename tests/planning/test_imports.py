"""A plan in which nothing differs pays for no library."""

from __future__ import annotations

import subprocess
import sys

PROGRAM = """
import sys
from datetime import UTC, datetime
from pathlib import Path
from flowctl.model.environment import Environment
from flowctl.model.keys import FlowKey
from flowctl.model.ledger import Ledger, LedgerEntry
from flowctl.model.live import LiveFlow, LiveState, ServerIdentity
from flowctl.model.project import Flow, Project
from flowctl.planning.build import build_plan
from flowctl.planning.request import PlanRequest

now = datetime(2026, 1, 1, tzinfo=UTC)
key = FlowKey("dev", "a")
environment = Environment("dev", Path("e"), "bundled", (Path("flows"),), "dev", ("dev",))
project = Project(environment, {key: Flow(key, "text", "d", "a.yaml")})
ledger = Ledger("l", 1, "00", {key: LedgerEntry("d", 1, None, now, "me")})
live = LiveState(ServerIdentity("u", "main", "i", "2.0"), now, {key: LiveFlow(key, 1, "d")}, ledger=ledger)
assert build_plan(PlanRequest(project, live, now, "p", "0.1.0")).empty
print(sorted({"yaml", "ruamel", "deepdiff", "jsonschema", "httpx", "git"} & set(sys.modules)))
"""


def test_nothing_heavy_is_imported_when_nothing_differs() -> None:
    done = subprocess.run([sys.executable, "-c", PROGRAM], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_hazards_are_judged_without_the_rules_of_validation_and_what_evaluates_expressions() -> None:
    """A changed flow that is remembered as sound is not checked again, so that nothing of that has to be imported."""
    program = "import sys, flowctl.planning.hazards.check\nprint(*sys.modules)"
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    unused = ("flowctl.language.validation", "flowctl.language.expressions.catalogue")
    assert [name for name in done.stdout.split() if name.startswith(unused)] == []
