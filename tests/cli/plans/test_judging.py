"""The server's opinion is asked for once, ahead where that pays, and is the right one in any case."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import pytest

from flowctl.cli.plans.judging import WORTH_ASKING_AHEAD, Judge
from flowctl.errors import ServerError
from flowctl.model.environment import Environment
from flowctl.model.keys import FlowKey
from flowctl.model.live import Verdict
from flowctl.model.project import Flow, Project

ENVIRONMENT = Environment("dev", Path("dev.yaml"), "bundled", (Path("flows"),), "a", ("a",))


class Counting:
    """Answers with the text itself as a warning, after a number of failures."""

    def __init__(self, failures: int = 0) -> None:
        self.asked: list[int] = []
        self.failures = failures

    def validate(self, flows: Sequence[tuple[FlowKey, str]]) -> tuple[Verdict, ...]:
        self.asked.append(len(flows))
        if len(self.asked) <= self.failures:
            raise ServerError.of("S110", "the server is busy")
        return tuple(Verdict(key, warnings=(text,)) for key, text in flows)


def key(number: int) -> FlowKey:
    return FlowKey("a", f"f{number:04}")


def project(flows: int) -> Project:
    found = {key(n): Flow(key(n), f"id: {n}", f"d{n}", f"{n}.yaml") for n in range(flows)}
    return Project(ENVIRONMENT, found)


@pytest.mark.parametrize(
    ("differ", "planned", "failures", "asked"),
    [
        (WORTH_ASKING_AHEAD, WORTH_ASKING_AHEAD, 0, [WORTH_ASKING_AHEAD]),
        (WORTH_ASKING_AHEAD, 3, 0, [WORTH_ASKING_AHEAD]),
        (WORTH_ASKING_AHEAD, WORTH_ASKING_AHEAD, 1, [WORTH_ASKING_AHEAD, WORTH_ASKING_AHEAD]),
        (WORTH_ASKING_AHEAD, WORTH_ASKING_AHEAD + 1, 0, [WORTH_ASKING_AHEAD, WORTH_ASKING_AHEAD + 1]),
        (WORTH_ASKING_AHEAD - 1, 2, 0, [2]),
        (0, 0, 0, []),
    ],
)
def test_verdicts_are_of_what_is_planned(differ: int, planned: int, failures: int, asked: list[int]) -> None:
    server = Counting(failures)
    judge = Judge(server)  # type: ignore[arg-type]  # validate is all of the port that it uses
    judge.ask_ahead(project(max(differ, planned)), [key(n) for n in range(differ)])
    verdicts = judge.verdicts([(key(n), f"id: {n}") for n in range(planned)])
    assert server.asked == asked
    assert {k: v.warnings for k, v in verdicts.items()} == {key(n): (f"id: {n}",) for n in range(planned)}
