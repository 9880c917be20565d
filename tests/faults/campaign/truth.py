"""What the store says after a kill, and at the end: held against everything that was acknowledged."""

from __future__ import annotations

import sqlite3
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from itertools import pairwise
from pathlib import Path

from flowctl.engine.executor.records.records import Execution, TaskRun
from flowctl.engine.store import Store
from flowctl.engine.store.tables import executions, steps
from tests.faults.campaign.clients import Campaign
from tests.faults.campaign.flows import KINDS, SCHEDULED

LOOP_ITEMS = 3
RETRIED, ATTEMPTS = "retry", 3
Check = Callable[["Outcome"], Iterable[str]]


@contextmanager
def opened(data: Path) -> Iterator[Store]:
    """The store of a server that is gone."""
    store = Store.open(data, environ={})
    try:
        yield store
    finally:
        store.close()


@dataclass(slots=True)
class Reported:
    """How often each task's work had been begun when its result was on disk, by execution and task run."""

    counts: dict[tuple[str, str], int] = field(default_factory=dict)
    settled: set[str] = field(default_factory=set)

    def look(self, campaign: Campaign) -> list[str]:
        """After a kill: take the results that are on disk. Returns findings about what was acknowledged."""
        noted = campaign.noted()
        by_execution = defaultdict(list)
        for execution_id, run_id in noted:
            by_execution[execution_id].append(run_id)
        wanted = (by_execution.keys() | campaign.expected.keys()) - self.settled
        with opened(campaign.data) as store:
            return [
                finding
                for id_ in sorted(wanted)
                for finding in store.read(lambda c, id_=id_: self._one(c, campaign, id_, by_execution[id_], noted))
            ]

    def _one(
        self,
        connection: sqlite3.Connection,
        campaign: Campaign,
        id_: str,
        runs: list[str],
        noted: Mapping[tuple[str, str], list[int]],
    ) -> list[str]:
        execution = executions.read(connection, id_)
        if execution is None:
            return [f"{id_} was acknowledged and is not there"] if id_ in campaign.expected else []
        told = {one.body.get("run") for one in steps.events(connection, id_) if one.body.get("type") == "result"}
        for run_id in runs:
            run = execution.runs.get(run_id)
            if run is not None and (
                run.state in ("SUCCESS", "FAILED") or (run_id in told and last_attempt(execution, run))
            ):
                self.counts.setdefault((id_, run_id), len(noted[id_, run_id]))
        if execution.terminal:
            self.settled.add(id_)
        return list(_acknowledged(campaign, execution))


def last_attempt(execution: Execution, run: TaskRun) -> bool:
    """Whether no further attempt of a run follows, whatever comes of this one."""
    return execution.flow_id != RETRIED or len(run.attempts) >= ATTEMPTS


def _acknowledged(campaign: Campaign, execution: Execution) -> Iterator[str]:
    """Requests about one execution whose answers did not hold."""
    if execution.id in campaign.resumed and execution.state == "PAUSED":
        yield f"{execution.id} was resumed and is PAUSED"
    if execution.id in campaign.told_to_end and execution.state not in ("KILLING", "KILLED"):
        yield f"{execution.id} was killed and is {execution.state}"


@dataclass(slots=True)
class Outcome:
    """Everything that is there when all has ended."""

    campaign: Campaign
    reported: Reported
    found: dict[str, Execution]
    left: dict[str, int]
    miscounted: list[str]
    began: datetime
    last: datetime
    by_flow: dict[str, list[Execution]] = field(default_factory=lambda: defaultdict(list))

    def __post_init__(self) -> None:
        for execution in self.found.values():
            if execution.loop_run is None:
                self.by_flow[execution.flow_id].append(execution)


def outcome(campaign: Campaign, reported: Reported, began: datetime, last: datetime) -> Outcome:
    """Read the store when all has ended. Schedules have been on from `began` to `last` at least."""
    with opened(campaign.data) as store:
        ids = [row[0] for row in store.read(lambda c: c.execute("SELECT id FROM executions").fetchall())]
        found = {id_: store.read(lambda c, id_=id_: executions.read(c, id_)) for id_ in ids}
        tables = ("steps", "execution_events", "trigger_events")
        left = {
            name: store.read(lambda c, n=name: c.execute(f"SELECT count(*) FROM {n}").fetchone()[0]) for name in tables
        }
        miscounted = store.read(_miscounted)
    whole = {id_: execution for id_, execution in found.items() if execution is not None}
    return Outcome(campaign, reported, whole, left, miscounted, began, last)


def _miscounted(connection: sqlite3.Connection) -> list[str]:
    """Where the counters that totals come from differ from the rows."""
    counted = "SELECT namespace, flow_id, shown, state, number FROM execution_counts WHERE number <> 0"
    real = "SELECT namespace, flow_id, shown, state, count(*) FROM executions GROUP BY 1, 2, 3, 4"
    rows = connection.execute(
        f"SELECT * FROM ({counted} EXCEPT {real}) UNION ALL SELECT * FROM ({real} EXCEPT {counted})"
    )
    return [f"the counters and the rows differ: {row}" for row in rows]


def states(end: Outcome) -> Iterator[str]:
    """Each acknowledged execution is there; each execution, acknowledged or not, ended as its flow has to."""
    for id_ in end.campaign.expected.keys() - end.found.keys():
        yield f"{id_} was acknowledged and is not there"
    for execution in end.found.values():
        wanted = KINDS[execution.flow_id].state
        if execution.state != wanted:
            yield f"{execution.id} of {execution.flow_id} ended {execution.state}, not {wanted}: {execution.history}"


def runs(end: Outcome) -> Iterator[str]:
    """No task that had reported ran again, and each made as many attempts as it should."""
    noted = end.campaign.noted()
    for key, count in end.reported.counts.items():
        if len(noted[key]) != count:
            flow_id = end.found[key[0]].flow_id if key[0] in end.found else "an unknown flow"
            yield f"{key} of {flow_id} had reported after {count} runs and ran {len(noted[key])} times"
    for execution in end.found.values():
        wanted = ATTEMPTS if execution.flow_id == RETRIED else 1
        for run in execution.runs.values():
            if len(run.attempts) > wanted or (wanted == ATTEMPTS and len(run.attempts) != wanted):
                yield f"{execution.id} of {execution.flow_id}: {run.task_id} made {len(run.attempts)} attempts"


def schedules(end: Outcome) -> Iterator[str]:
    """From the first to the last date each second has exactly one execution."""
    for flow_id in SCHEDULED:
        dates = Counter(_date(execution) for execution in end.by_flow[flow_id])
        if not dates or min(dates) > end.began + timedelta(seconds=2) or max(dates) < end.last - timedelta(seconds=2):
            span = f"from {min(dates, default=None)} to {max(dates, default=None)}"
            yield f"{flow_id} fired {span}, was on from {end.began} to {end.last}"
            continue
        date = min(dates)
        while date <= max(dates):
            if dates[date] != 1:
                yield f"{flow_id} has {dates[date]} executions for {date}"
            date += timedelta(seconds=1)


def _date(execution: Execution) -> datetime:
    return datetime.fromisoformat(str(_variables(execution)["date"]))


def _variables(execution: Execution) -> Mapping[str, object]:
    found = (execution.trigger or {}).get("variables")
    return found if isinstance(found, dict) else {}


def webhooks(end: Outcome) -> Iterator[str]:
    """Each answered webhook has its execution; none has two."""
    found = Counter()
    for execution in end.by_flow["hook"]:
        body = _variables(execution).get("body")
        found[body.get("number") if isinstance(body, dict) else None] += 1
    for number, id_ in end.campaign.hooks.items():
        if found[number] > 1 or (id_ is not None and found[number] != 1):
            yield f"webhook {number}, answered with {id_}, has {found[number]} executions"


def children(end: Outcome) -> Iterator[str]:
    """What follows from an execution follows once: a child, the items of a loop, a flow trigger."""
    below = Counter(execution.parent_id for execution in end.found.values() if execution.parent_id)
    followed = Counter(str(_variables(execution).get("executionId")) for execution in end.by_flow["listener"])
    for flow_id, wanted in (("parent", 1), ("loop", LOOP_ITEMS)):
        for execution in end.by_flow[flow_id]:
            if below[execution.id] != wanted:
                yield f"{execution.id} of {flow_id} has {below[execution.id]} executions below, not {wanted}"
    for execution in end.by_flow["plain"]:
        if followed[execution.id] != 1:
            yield f"{execution.id} of plain was followed by {followed[execution.id]} executions of the flow trigger"


def queue(end: Outcome) -> Iterator[str]:
    """Of a flow that runs one at a time no two ran at once."""
    spans = sorted((_running(execution), execution.history[-1][1], execution.id) for execution in end.by_flow["queued"])
    for (_, ended, first), (began, _, second) in pairwise(spans):
        if began < ended:
            yield f"{first} and {second} of a flow with a limit of 1 ran at the same time"


def _running(execution: Execution) -> int:
    return next((at for state, at in execution.history if state == "RUNNING"), 0)


def rows(end: Outcome) -> Iterator[str]:
    """Nothing is left to do, and counters say what is there."""
    for table, number in end.left.items():
        if number:
            yield f"{number} rows are left in {table} although all has ended"
    yield from end.miscounted


CHECKS: tuple[Check, ...] = (states, runs, schedules, webhooks, children, queue, rows)


def judge(end: Outcome) -> list[str]:
    """All findings."""
    return [finding for check in CHECKS for finding in check(end)]
