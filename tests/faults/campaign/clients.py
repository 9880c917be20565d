"""What clients do while the server is killed: they start, resume and kill executions, and remember each answer."""

from __future__ import annotations

import random
import threading
from dataclasses import dataclass, field
from pathlib import Path

import httpx

from tests.faults.campaign.flows import KEY, KINDS, NAMESPACE, source

STARTED = tuple(id_ for id_, kind in KINDS.items() if kind.how == "api")
HOOKED = tuple(id_ for id_, kind in KINDS.items() if kind.how == "webhook")


@dataclass(slots=True)
class Campaign:
    """What was acknowledged so far, and what broke a promise (`wrong`)."""

    directory: Path
    dice: random.Random
    expected: dict[str, str] = field(default_factory=dict)
    resumed: set[str] = field(default_factory=set)
    told_to_end: set[str] = field(default_factory=set)
    hooks: dict[int, str | None] = field(default_factory=dict)
    wrong: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.notes.mkdir(parents=True)

    @property
    def notes(self) -> Path:
        """Where tasks leave their process ids, one file for each execution and task run."""
        return self.directory / "notes"

    @property
    def data(self) -> Path:
        """The server's directory."""
        return self.directory / "data"

    def noted(self) -> dict[tuple[str, str], list[int]]:
        """Process ids by execution and task run."""
        found = {}
        for path in self.notes.iterdir():
            execution, _, run = path.name.partition(".")
            found[execution, run] = [int(line) for line in path.read_text().split()]
        return found


def save_flows(campaign: Campaign, http: httpx.Client) -> None:
    """Save all flows; those that others need come first."""
    yaml = {"Content-Type": "application/x-yaml"}
    for id_ in sorted(KINDS, key=lambda id_: KINDS[id_].how != "child"):
        answer = http.post("/flows", content=source(id_, campaign.notes), headers=yaml)
        assert answer.is_success, answer.text


def begin(campaign: Campaign, http: httpx.Client, ids: list[str]) -> None:
    """Start one execution of each flow; then resume and kill, until all is said or the server is gone."""
    try:
        for id_ in ids:
            begin_one(campaign, http, id_)
        for id_, state in list(campaign.expected.items()):
            if state == "KILLED" and id_ not in campaign.told_to_end:
                end_one(campaign, http, id_)
        resume_paused(campaign, http)
    except httpx.TransportError:
        return  # killed: what was not answered was not acknowledged


def begin_one(campaign: Campaign, http: httpx.Client, id_: str) -> None:
    """Start an execution, by its webhook when the flow has one."""
    if id_ in HOOKED:
        number = len(campaign.hooks)
        campaign.hooks[number] = None
        answer = http.post(f"/executions/webhook/{NAMESPACE}/{id_}/{KEY}", json={"number": number})
        campaign.hooks[number] = answer.json().get("id") if answer.is_success else None
    else:
        answer = http.post(f"/executions/{NAMESPACE}/{id_}")
    if answer.is_success:
        campaign.expected[answer.json()["id"]] = KINDS[id_].state
    elif answer.status_code != 503:  # the answer of one that is stopping
        campaign.wrong.append(f"the start of {id_} was answered with {answer.status_code}: {answer.text[:200]}")


def end_one(campaign: Campaign, http: httpx.Client, execution: str) -> None:
    """Ask for the end of an execution."""
    if http.delete(f"/executions/{execution}/kill").is_success:
        campaign.told_to_end.add(execution)


def resume_paused(campaign: Campaign, http: httpx.Client) -> None:
    """Resume whatever is paused."""
    for one in http.get("/executions/search", params={"state": "PAUSED", "size": 100}).json()["results"]:
        if http.post(f"/executions/{one['id']}/resume").is_success:
            campaign.resumed.add(one["id"])


def batch(dice: random.Random, count: int) -> list[str]:
    """Which flows to start, `count` of them."""
    return [dice.choice(STARTED + HOOKED) for _ in range(count)]


def crowd(campaign: Campaign, http: httpx.Client, count: int, clients: int = 3) -> list[threading.Thread]:
    """Some clients at once that start `count` executions; running already."""
    ids = batch(campaign.dice, count)
    threads = [threading.Thread(target=begin, args=(campaign, http, ids[first::clients])) for first in range(clients)]
    for thread in threads:
        thread.start()
    return threads
