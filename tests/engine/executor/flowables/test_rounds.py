"""The rounds of a LoopUntil, with the real executor and store."""

from __future__ import annotations

from tests.engine.running import Engine, flow, output, states

UNTIL = (
    "  - id: rounds\n    type: io.kestra.plugin.core.flow.LoopUntil\n"
    "    checkFrequency: {interval: PT0.01S, maxIterations: 3}\n"
)
FAIL = "type: io.kestra.plugin.core.execution.Fail"
LOG = "type: io.kestra.plugin.core.log.Log, message: hello"


def test_a_failed_round_is_the_last(running: Engine) -> None:
    source = flow(
        f"{UNTIL}    condition: '{{{{ false }}}}'\n"
        f"    tasks: [{{id: bad, {FAIL}}}]\n    errors: [{{id: note, {LOG}}}]\n  - {{id: after, {LOG}}}\n"
    )
    ended = running.run(source)
    assert states(ended) == {"rounds": "FAILED", "bad": "FAILED", "note": "SUCCESS"}
    assert output(ended, "rounds") == {"iterationCount": 1}


def test_a_tolerated_failure_does_not_end_the_rounds(running: Engine) -> None:
    source = flow(
        f"{UNTIL}    condition: '{{{{ outputs.rounds.iterationCount == 2 }}}}'\n"
        f"    tasks: [{{id: soft, {FAIL}, allowFailure: true}}]\n"
    )
    ended = running.run(source)
    assert states(ended) == {"rounds": "WARNING", "soft": "WARNING"}
    moves = [state for state, _ in ended.history]
    assert moves == ["CREATED", "RUNNING", "PAUSED", "RUNNING", "WARNING"]


def test_between_rounds_nothing_is_restarted_whatever_ran_before(running: Engine) -> None:
    inner = f"tasks: [{{id: one, {LOG}}}]"
    until = f"{UNTIL}    condition: '{{{{ outputs.rounds.iterationCount == 3 }}}}'\n    {inner}\n"
    ended = running.run(flow(f"  - {{id: before, {LOG}}}\n{until}"))
    moves = [state for state, _ in ended.history]
    assert moves == ["CREATED", "RUNNING", "PAUSED", "RUNNING", "PAUSED", "RUNNING", "SUCCESS"]
