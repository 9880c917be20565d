"""After every apply a second plan is empty and a second apply sends no write: for any project, after any change."""

from __future__ import annotations

import itertools
import os
import sys
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from flowctl.applying.apply import apply_plan
from flowctl.applying.options import ApplyOptions
from flowctl.cli.background.record import ServerRecord
from flowctl.cli.background.start import ensure_running
from flowctl.cli.background.stop import stop
from flowctl.cli.console import Console
from flowctl.cli.plans.prepare import Planned, Wishes, make_plan
from flowctl.loading.configuration.environments import load_environment
from flowctl.loading.workspace import Workspace, find_workspace
from flowctl.model.keys import FileKey, FlowKey, KvKey
from flowctl.model.report import ApplyReport
from flowctl.remote.client import connect
from tests.story.snapshots import Snapshot, namespace, snapshots, source, write

ENVIRONMENT = """\
server: bundled
namespace: {name}
flows: [flows/base, flows/{name}]
policy:
  max_deletes: 100%
"""
NUMBERS = itertools.count()
READ = ("GET ", "POST /api/v1/main/flowctl/sources", "POST /api/v1/flowctl/sources", "POST /api/v1/main/flows/validate")


@dataclass
class Site:
    """One environment of a workspace, and a log of every request to the server."""

    workspace: Workspace
    name: str
    record: ServerRecord
    requests: list[str] = field(default_factory=list)

    def plan(self) -> Planned:
        environment = load_environment(self.workspace, self.name)
        server = connect(
            environment, os.environ, url=self.record.url, token=self.record.token(), log=self.requests.append
        )
        console = Console(sys.stdout, sys.stderr, os.environ)
        return make_plan(console, self.workspace, environment, Wishes(allow_empty=True), lambda: server)

    def apply(self, planned: Planned, *, single: bool) -> ApplyReport:
        options = ApplyOptions(planned.project.environment, single=single).identified()
        return apply_plan(
            planned.plan,
            planned.server,
            options,
            lambda event: None,
            clock=lambda: datetime.now(UTC),
            environ=os.environ,
            stop=threading.Event(),
        )


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Path, ServerRecord]]:
    """A workspace with a running server; every example gets an environment of its own."""
    root = tmp_path_factory.mktemp("convergence")
    (root / "environments").mkdir()
    record, _ = ensure_running(root / ".flowctl", lambda text: None)
    yield root, record
    stop(root / ".flowctl")


@given(history=st.lists(snapshots(), min_size=1, max_size=3), single=st.booleans())
@settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow]
)
def test_every_apply_converges(server: tuple[Path, ServerRecord], history: list[Snapshot], single: bool) -> None:
    root, record = server
    name = f"e{next(NUMBERS)}"
    (root / f"environments/{name}.yaml").write_text(ENVIRONMENT.format(name=name))
    site = Site(find_workspace(root), name, record)
    for snapshot in history:
        write(snapshot, root, name)
        planned = site.plan()
        assert planned.plan.refusals == ()
        assert site.apply(planned, single=single).ok
        assert_there(site, snapshot)
        assert_settled(site, single)


def assert_there(site: Site, snapshot: Snapshot) -> None:
    """The server has exactly what the snapshot says."""
    live = site.plan().live
    assert set(live.flows) == {FlowKey(namespace(site.name, f.directory), key) for key, f in snapshot.flows.items()}
    assert set(live.files) == {FileKey(namespace(site.name, place), f"/{path}") for place, path in snapshot.files}
    assert set(live.kv) == {KvKey(namespace(site.name, place), key) for place, key in snapshot.kv}
    for key, flow in snapshot.flows.items():
        if flow.layout == "states-namespace":
            found = live.flows[FlowKey(namespace(site.name, flow.directory), key)]
            assert sources(site, found.key) == source(key, flow, snapshot, site.name).decode()


def sources(site: Site, key: FlowKey) -> str:
    """A flow's text on the server."""
    return site.plan().server.read_sources([key])[key]


def assert_settled(site: Site, single: bool) -> None:
    """A second plan is empty, asked with one request, and a second apply sends no write."""
    site.requests.clear()
    planned = site.plan()
    assert planned.plan.changes == ()
    assert planned.plan.drift == ()
    assert len(site.requests) == 1
    report = site.apply(planned, single=single)
    assert report.ok
    assert [line for line in site.requests if not line.startswith(READ)] == []
