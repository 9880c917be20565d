"""kill -9 of the server at random points while mixed executions run, then the truth about each of them.

    python -m tests.faults.engine_campaign --rounds 200 --executions 1000 --seed 1

A round starts the server, starts some executions over HTTP, kills the server at some time of its life, and looks into
the store that is left. The last server is left alone until all has ended. Every acknowledged execution has to end in
its state, no task that had reported may run again, each date of a schedule and each webhook has exactly one execution,
and no process of a task may outlive its execution or its server. Exits 1 on any finding.
"""

from __future__ import annotations

import argparse
import random
import tempfile
import time
from collections import Counter
from pathlib import Path

from tests.faults.campaign.clients import Campaign
from tests.faults.campaign.rounds import Rounds
from tests.faults.campaign.truth import Outcome, judge


def run(directory: Path, rounds: int, total: int, seed: int, *, loud: bool = False) -> tuple[Rounds, Outcome]:
    """The whole campaign in a new directory: about `total` executions are acknowledged. Findings are in
    `campaign.wrong` afterwards."""
    campaign = Campaign(directory, random.Random(seed))
    made = Rounds(campaign)
    made.prepare()
    for number in range(1, rounds + 1):
        missing, left = total - len(campaign.expected), rounds - number + 1
        made.kill_once(max(-(-missing // left), 1))
        if loud and number % 10 == 0:
            print(f"{number} kills, {len(campaign.expected)} acknowledged, {len(campaign.wrong)} findings", flush=True)
    end = made.finish()
    campaign.wrong.extend(judge(end))
    return made, end


def summary(made: Rounds, end: Outcome, seconds: float) -> str:
    """What was done and found, for people."""
    campaign = made.campaign
    again = Counter(len(pids) for pids in campaign.noted().values())
    answered = sum(id_ is not None for id_ in campaign.hooks.values())
    dates = {id_: len(found) for id_, found in end.by_flow.items() if id_.startswith("every-second")}
    lines = [
        f"kills: {made.kills.total()} ({', '.join(f'{name} {n}' for name, n in sorted(made.kills.items()))})",
        f"executions: {len(campaign.expected)} acknowledged, {len(end.found)} there at the end, {seconds:.0f} s",
        f"webhooks: {len(campaign.hooks)} sent, {answered} answered; dates of schedules: {dates}",
        f"resumes {len(campaign.resumed)}, kill requests {len(campaign.told_to_end)}",
        f"task runs by how often their work was begun: {dict(sorted(again.items()))}; "
        f"{len(made.reported.counts)} were on disk as done at a kill",
        f"findings: {len(campaign.wrong)}",
    ]
    return "\n".join([*lines, *(campaign.wrong or ["nothing was lost, doubled or left behind"])])


def main() -> int:
    """The command."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=200)
    parser.add_argument("--executions", type=int, default=1000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--keep", type=Path, help="an empty directory to work in, kept afterwards")
    options = parser.parse_args()
    began = time.monotonic()
    with tempfile.TemporaryDirectory(prefix="flowctl-campaign-") as folder:
        directory = (options.keep or Path(folder)).resolve()
        made, end = run(directory, options.rounds, options.executions, options.seed, loud=True)
        print(summary(made, end, time.monotonic() - began))
    return 1 if made.campaign.wrong else 0


if __name__ == "__main__":
    raise SystemExit(main())
