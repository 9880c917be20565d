"""A disk on which commits take for ever: what was read before is read now, and nothing that waits is lost."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from flowctl.engine.api.http.endpoint import Access
from flowctl.engine.api.routes import all_endpoints
from flowctl.engine.store.faults import Faults
from tests.engine.api.server import TOKEN, YAML
from tests.faults.test_access import PREFIXES, ask, filled
from tests.faults.whole import Whole

DEADLINE = 120
SCRIPT = (
    "id: script\nnamespace: whole\ntasks:\n  - id: a\n    type: io.kestra.plugin.scripts.shell.Commands\n"
    "    taskRunner: {type: io.kestra.plugin.core.runner.Process}\n    commands: [echo said]\n"
)


class Disk:
    """Lets commits wait while it is stuck, and counts those that do."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self._free, self.waiting = threading.Event(), threading.Semaphore(0)
        self._free.set()
        monkeypatch.setattr(Faults, "before_commit", lambda _, requested: self._commit())

    def _commit(self) -> None:
        if not self._free.is_set():
            self.waiting.release()
            assert self._free.wait(DEADLINE)

    def stick(self) -> None:
        self._free.clear()

    def go_on(self) -> None:
        self._free.set()


@pytest.fixture
def disk(monkeypatch: pytest.MonkeyPatch) -> Iterator[Disk]:
    found = Disk(monkeypatch)
    yield found
    found.go_on()


@pytest.fixture
def whole(tmp_path: Path, disk: Disk) -> Iterator[Whole]:
    found = Whole(tmp_path / "data")
    found.works()
    found.server.post("/flows", content=SCRIPT, headers=YAML)
    yield found
    disk.go_on()
    found.close()


class Requests:
    """Starts of executions, each from a thread of its own. Collects the ids that were answered."""

    def __init__(self, whole: Whole, flow_id: str, count: int) -> None:
        self.ids: list[str] = []
        self._whole, self._flow_id = whole, flow_id
        self._threads = [threading.Thread(target=self._start) for _ in range(count)]
        for thread in self._threads:
            thread.start()

    def _start(self) -> None:
        answer = self._whole.server.post(f"/executions/whole/{self._flow_id}")
        self.ids.append(answer.raise_for_status().json()["id"])

    def join(self) -> list[str]:
        for thread in self._threads:
            thread.join(DEADLINE)
        return self.ids


def test_every_reading_route_answers_while_a_commit_waits(whole: Whole, disk: Disk) -> None:
    reading = [one for one in all_endpoints() if one.access is Access.READ and one.method == "GET"]
    reading = [one for one in reading if "lenient" in one.dialects and "/follow" not in one.path]
    paths = [filled(one) for one in reading]
    disk.stick()
    starting = Requests(whole, "good", 1)
    assert disk.waiting.acquire(timeout=DEADLINE)
    statuses: list[int] = []
    requests = [("GET", prefix + path, f"Bearer {TOKEN}") for path in paths for prefix in PREFIXES]
    asking = threading.Thread(target=lambda: statuses.extend(status for status, _ in ask(whole.server, requests)))
    asking.start()
    asking.join(DEADLINE)
    assert len(statuses) == len(requests) > 100
    assert 200 in statuses
    assert starting.ids == []
    disk.go_on()
    assert len(starting.join()) == 1


def test_nothing_is_acknowledged_before_the_disk_has_it_and_nothing_is_lost(whole: Whole, disk: Disk) -> None:
    disk.stick()
    first = Requests(whole, "script", 1)
    assert disk.waiting.acquire(timeout=DEADLINE)
    many = Requests(whole, "good", 30)
    assert (first.ids, many.ids) == ([], [])
    disk.go_on()
    ids = [*first.join(), *many.join()]
    assert len(ids) == 31
    for id_ in ids:
        assert whole.ended(id_)["state"]["current"] == "SUCCESS"
    [line] = [line["message"] for line in whole.server.get(f"/logs/{first.ids[0]}").json() if line.get("taskId")]
    assert line == "said"


def test_a_disk_that_gets_stuck_in_between_delays_and_nothing_else(whole: Whole, disk: Disk) -> None:
    ids = Requests(whole, "script", 5).join()
    for _ in range(10):
        disk.stick()
        disk.waiting.acquire(timeout=0.01)
        disk.go_on()
    for id_ in ids:
        assert whole.ended(id_)["state"]["current"] == "SUCCESS"
