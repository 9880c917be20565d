"""One round: start the server, have clients work with it, kill it somewhere in its life, look at what is left."""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime

import httpx

from tests.faults.campaign import processes, truth
from tests.faults.campaign.clients import Campaign, crowd, end_one, resume_paused, save_flows
from tests.faults.campaign.flows import NAMESPACE, SCHEDULED, source
from tests.faults.campaign.target import Target

PAUSE = threading.Event()
LONGEST_ROUND = 3.0
CAUGHT_UP_SECONDS = 120.0
OPEN = "CREATED,RUNNING,QUEUED,PAUSED,RETRYING,RETRIED,KILLING,SUBMITTED,RESTARTED"
Phase = Callable[["Rounds", int], None]


@dataclass(slots=True)
class Rounds:
    """A campaign and what it has learned."""

    campaign: Campaign
    reported: truth.Reported = field(default_factory=truth.Reported)
    kills: Counter[str] = field(default_factory=Counter)
    began: datetime | None = None

    def prepare(self) -> None:
        """A server with the flows on it, stopped again."""
        target = Target(self.campaign.data)
        http = target.client()
        assert http is not None, target.log.read_text()
        save_flows(self.campaign, http)
        self.began = datetime.now(UTC)
        target.stop()

    def kill_once(self, count: int) -> None:
        """One round, killed in a phase picked at random."""
        names = list(PHASES)
        name = self.campaign.dice.choices(names, [PHASES[one][1] for one in names])[0]
        PHASES[name][0](self, count)
        self.kills[name] += 1
        self.campaign.wrong.extend(processes.outlived(self.campaign.directory))
        self.campaign.wrong.extend(self.reported.look(self.campaign))

    def pause(self, longest: float) -> None:
        """Let a random time pass."""
        PAUSE.wait(self.campaign.dice.uniform(0, longest))

    def finish(self) -> truth.Outcome:
        """Let all end on a last server that is left alone. Returns what is there then."""
        target = Target(self.campaign.data)
        http = target.client()
        assert http is not None, target.log.read_text()
        last = datetime.now(UTC)
        wait(self.campaign, "schedules to catch up", lambda: caught_up(http, last))
        for id_ in SCHEDULED:
            text = source(id_, self.campaign.notes).replace("withSeconds: true", "withSeconds: true, disabled: true")
            yaml = {"Content-Type": "application/x-yaml"}
            http.put(f"/flows/{NAMESPACE}/{id_}", content=text, headers=yaml).raise_for_status()
        wait(self.campaign, "all executions to end", lambda: ended(self.campaign, http))
        self.campaign.wrong.extend(processes.outlived(self.campaign.directory))
        target.stop()
        assert self.began is not None
        return truth.outcome(self.campaign, self.reported, self.began, last)


def wait(campaign: Campaign, what: str, holds: Callable[[], bool]) -> None:
    """Wait; a finding when it takes too long."""
    if not processes.until(holds, CAUGHT_UP_SECONDS):
        campaign.wrong.append(f"waited in vain for {what}")


def caught_up(http: httpx.Client, date: datetime) -> bool:
    """Whether all schedules have fired for a date."""
    newest = []
    for id_ in SCHEDULED:
        query = {"namespace": NAMESPACE, "flowId": id_, "size": "1", "sort": "state.startDate:desc"}
        for one in http.get("/executions/search", params=query).json()["results"]:
            newest.append(datetime.fromisoformat(one["trigger"]["variables"]["date"]))
    return len(newest) == len(SCHEDULED) and min(newest) >= date.replace(microsecond=0)


def ended(campaign: Campaign, http: httpx.Client) -> bool:
    """Whether all executions have ended; resumes and kills those that wait for it."""
    resume_paused(campaign, http)
    found = http.get("/executions/search", params={"state": OPEN.split(","), "size": 100}).json()
    for one in found["results"]:
        if one["flowId"] == "killed":
            end_one(campaign, http, one["id"])
    return found["total"] == 0


def starting(rounds: Rounds, _: int) -> None:
    """While it starts and takes up what was left."""
    target = Target(rounds.campaign.data)
    rounds.pause(1.0)
    target.kill()


def accepting(rounds: Rounds, count: int) -> None:
    """While clients get answers."""
    _served(rounds, count, lambda target, clients: rounds.pause(0.1 + 0.02 * count))


def working(rounds: Rounds, count: int) -> None:
    """While tasks run."""

    def work(_: Target, clients: list[threading.Thread]) -> None:
        for client in clients:
            client.join()
        rounds.pause(0.6)

    _served(rounds, count, work)


def at_a_commit(rounds: Rounds, count: int) -> None:
    """Before or after one of its commits."""
    dice = rounds.campaign.dice
    fault = f"{dice.choice(['before', 'after'])}-any-commit:{dice.randrange(1, 80)}"
    _served(rounds, count, lambda target, _: target.ended_within(LONGEST_ROUND), fault)


def stopping(rounds: Rounds, count: int) -> None:
    """While it ends in order."""

    def stop(target: Target, clients: list[threading.Thread]) -> None:
        rounds.pause(0.3)
        target.process.terminate()
        rounds.pause(0.3)

    _served(rounds, count, stop)


def _served(
    rounds: Rounds, count: int, live: Callable[[Target, list[threading.Thread]], object], fault: str = ""
) -> None:
    target = Target(rounds.campaign.data, fault)
    http = target.client()
    clients = crowd(rounds.campaign, http, count) if http is not None else []
    live(target, clients)
    target.kill()
    for client in clients:
        client.join()
    if http is not None:
        http.close()


PHASES: dict[str, tuple[Phase, int]] = {
    "starting": (starting, 1),
    "accepting": (accepting, 4),
    "working": (working, 4),
    "at a commit": (at_a_commit, 2),
    "stopping": (stopping, 1),
}
"""What is done with a server, and how often compared with the others."""
