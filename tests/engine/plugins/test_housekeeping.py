"""Removing old revisions of flows and files of executions. Numbers are those of a released 2.0 where it has them."""

from __future__ import annotations

from pathlib import Path

import pytest

from flowctl.engine.executor.records.storage import Storage, flow_folder
from flowctl.engine.store.tables import flows
from tests.engine.running import Engine, flow, output

FLOWS = "type: io.kestra.plugin.core.flow.PurgeFlows"
STORAGE = "type: io.kestra.plugin.core.storage.PurgeStorage"
WRITE = "  - {id: w, type: io.kestra.plugin.core.storage.Write, content: abc}\n"
LATER, EARLIER = "'2999-01-01T00:00:00Z'", "'2000-01-01T00:00:00Z'"


def purged(running: Engine, task: str, before: str = "", ns: str = "test.engine") -> object:
    """The outputs of a task in a flow of its own, or the state of one that fails."""
    source = flow(f"{before}  - {{id: t, {task}, allowFailure: true}}\n").replace("id: f\n", "id: purge\n", 1)
    ended = running.run(source.replace("namespace: test.engine", f"namespace: {ns}"))
    return dict(output(ended, "t")) or next(run.state for run in ended.runs.values() if run.task_id == "t")


def revised(running: Engine) -> None:
    """Three revisions of one flow, two of another below its namespace."""
    for text, ns in (
        ("1", "test.engine"),
        ("2", "test.engine"),
        ("3", "test.engine"),
        ("1", "test.engine.sub"),
        ("2", "test.engine.sub"),
    ):
        source = flow(f"  - {{id: a, type: io.kestra.plugin.core.debug.Return, format: '{text}'}}\n")
        running.save(source.replace("namespace: test.engine", f"namespace: {ns}"))


@pytest.mark.parametrize(
    ("more", "size"),
    [
        ("", 3),
        (", behavior: {}", 3),
        (", behavior: {type: version, keepAmount: 2}", 1),
        (f", behavior: {{type: version, before: {LATER}}}", 3),
        (f", behavior: {{type: version, before: {EARLIER}}}", 0),
        (", namespace: test", 3),
        (", namespace: test.engine.sub", 1),
        (", namespace: tes", 0),
        (", namespace: test.engine, flowId: f", 2),
        (", namespace: test, flowId: f", 0),
    ],
)
def test_so_many_revisions_go(running: Engine, more: str, size: int) -> None:
    revised(running)
    assert purged(running, FLOWS + more) == {"size": size}


@pytest.mark.parametrize(
    "more",
    [
        ", flowId: f",
        ", behavior: {keepAmount: 0}",
        f", behavior: {{keepAmount: 1, before: {LATER}}}",
        ", behavior: {before: nonsense}",
    ],
)
def test_what_cannot_be_meant_fails(running: Engine, more: str) -> None:
    assert purged(running, FLOWS + more) == "WARNING"


def test_the_revision_in_force_stays(running: Engine) -> None:
    revised(running)
    purged(running, f"{FLOWS}, behavior: {{before: {LATER}}}")
    kept = running.store.read(lambda c: [row.revision for row in flows.revisions(c, "test.engine", "f")])
    assert kept == [3]
    assert running.wait(running.start("test.engine", "f")).state == "SUCCESS"


def test_files_of_ended_executions_go_and_are_only_counted_before(running: Engine) -> None:
    ended = [running.run(flow(WRITE)) for _ in range(2)]
    assert purged(running, f"{STORAGE}, endDate: {LATER}", WRITE) == {
        "scannedCount": 3,
        "purgedCount": 2,
        "deletedFilesCount": 0,
    }, "the third is the execution itself, which goes on"
    assert purged(running, f"{STORAGE}, endDate: {LATER}, dryRun: false, namespace: test.engine, flowId: f") == {
        "scannedCount": 2,
        "purgedCount": 2,
        "deletedFilesCount": 2,
    }
    for execution in ended:
        uri = str(output(execution, "w")["uri"])
        assert not running.executor.services.storage.path(uri).exists()


@pytest.mark.parametrize("window", [f"endDate: {EARLIER}", f"endDate: {LATER}, startDate: {LATER}"])
def test_files_outside_of_the_time_stay(running: Engine, window: str) -> None:
    kept = running.run(flow(WRITE))
    assert purged(running, f"{STORAGE}, {window}, dryRun: false") == {
        "scannedCount": 1,
        "purgedCount": 0,
        "deletedFilesCount": 0,
    }
    assert running.executor.services.storage.path(str(output(kept, "w")["uri"])).exists()


def test_the_files_of_a_child_stay_while_its_caller_goes_on(running: Engine) -> None:
    running.save(flow(WRITE))
    call = "  - {id: c, type: io.kestra.plugin.core.flow.Subflow, namespace: test.engine, flowId: f, wait: true}\n"
    assert purged(running, f"{STORAGE}, endDate: {LATER}, dryRun: false", call) == {
        "scannedCount": 1,
        "purgedCount": 0,
        "deletedFilesCount": 0,
    }


def test_files_of_a_flow_need_its_namespace(running: Engine) -> None:
    assert purged(running, f"{STORAGE}, endDate: {LATER}, flowId: f") == "WARNING"


def test_a_namespace_does_not_stand_for_a_flow_whose_files_lie_in_the_same_place(running: Engine) -> None:
    """The files of flow `f` in `test.engine` lie where those of a namespace `test.engine.f` would."""
    kept = running.run(flow(WRITE))
    assert purged(running, f"{STORAGE}, endDate: {LATER}, dryRun: false, namespace: test.engine.f") == {
        "scannedCount": 0,
        "purgedCount": 0,
        "deletedFilesCount": 0,
    }
    assert running.executor.services.storage.path(str(output(kept, "w")["uri"])).exists()


def test_no_name_leads_out_of_the_storage(tmp_path: Path) -> None:
    outside = tmp_path / "executions" / ("a" * 22) / "file"
    outside.parent.mkdir(parents=True)
    outside.write_text("x")
    (tmp_path / "storage").mkdir()
    assert list(Storage(tmp_path / "storage").executions_below(flow_folder(".", ".."))) == []
