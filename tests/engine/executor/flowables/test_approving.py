"""Approval, with the real executor and store."""

from __future__ import annotations

import pytest

from flowctl.engine.executor.flowables.approving import decide_by
from flowctl.engine.executor.lifecycle import actions
from flowctl.engine.executor.lifecycle.givens import BadInputs
from flowctl.engine.executor.lifecycle.refusals import BadRequest, WrongState
from flowctl.engine.executor.records.records import Execution
from tests.engine.running import Engine, flow, output, states

RETURN = "type: io.kestra.plugin.core.debug.Return"
AFTER = f"  - {{id: after, {RETURN}, format: x}}\n"


def approval(more: str = "", after: str = AFTER) -> str:
    return flow(f"  - id: ask\n    type: io.kestra.plugin.core.flow.Approval\n{more}{after}")


def asked(running: Engine, source: str) -> str:
    id_ = running.start(*running.save(source))
    running.wait_state(id_, "PAUSED")
    return id_


def approve(running: Engine, id_: str, decision: str = "APPROVED", comment: str | None = None, **given: str) -> None:
    running.command(id_, lambda performer: decide_by(performer, decision, given, comment=comment, by="ann"))


def history(execution: Execution) -> list[str]:
    return [state for state, _ in execution.history]


def test_an_approval_goes_on_with_its_inputs(running: Engine) -> None:
    inputs = "    inputs:\n      - {id: n, type: INT}\n"
    after = f"  - {{id: after, {RETURN}, format: '{{{{ outputs.ask.inputs.n }}}} {{{{ outputs.ask.decision }}}}'}}\n"
    id_ = asked(running, approval(inputs, after))
    with pytest.raises(BadInputs, match="n"):
        approve(running, id_)
    assert running.read(id_).state == "PAUSED"
    approve(running, id_, comment="fine", n="7")
    ended = running.wait(id_)
    assert output(ended, "after") == {"value": "7 APPROVED"}
    found = output(ended, "ask")
    assert {key: found[key] for key in ("decision", "auto", "by", "comment", "inputs")} == {
        "decision": "APPROVED",
        "auto": False,
        "by": "ann",
        "comment": "fine",
        "inputs": {"n": 7},
    }
    assert str(found["url"]).endswith(f"/ui/main/executions/test.engine/f/{id_}")
    assert history(ended) == ["CREATED", "RUNNING", "PAUSED", "RESTARTED", "RUNNING", "SUCCESS"]


def test_a_resume_approves(running: Engine) -> None:
    id_ = asked(running, approval())
    running.command(id_, lambda performer: actions.resume(performer, {}))
    assert output(running.wait(id_), "ask")["decision"] == "APPROVED"


@pytest.mark.parametrize(
    ("behavior", "own", "whole", "goes_on"),
    [
        ("CONTINUE", "SUCCESS", "SUCCESS", True),
        ("WARN", "WARNING", "WARNING", True),
        ("FAIL", "FAILED", "FAILED", False),
        ("SUCCEED", "SUCCESS", "SUCCESS", False),
        ("CANCEL", "CANCELLED", "CANCELLED", False),
        ("KILL", "KILLED", "KILLED", False),
    ],
)
def test_the_behavior_says_how_it_ends(running: Engine, behavior: str, own: str, whole: str, goes_on: bool) -> None:
    id_ = asked(running, approval(f"    denyBehavior: {behavior}\n    onDeny: [{{id: denied, {RETURN}, format: n}}]\n"))
    approve(running, id_, "DENIED")
    ended = running.wait(id_)
    assert ended.state == whole
    assert states(ended) == {"ask": own, "denied": "SUCCESS"} | ({"after": "SUCCESS"} if goes_on else {})


def test_a_denial_cancels_by_default(running: Engine) -> None:
    id_ = asked(running, approval())
    approve(running, id_, "DENIED")
    assert running.wait(id_).state == "CANCELLED"


@pytest.mark.parametrize("more", ["", "    timeout: PT0.05S\n    expireBehavior: CANCEL\n"], ids=["denied", "expired"])
def test_what_is_not_approved_needs_no_inputs(running: Engine, more: str) -> None:
    source = approval(f"    inputs: [{{id: n, type: INT}}]\n{more}")
    id_ = running.start(*running.save(source))
    if not more:
        running.wait_state(id_, "PAUSED")
        approve(running, id_, "DENIED")
    ended = running.wait(id_)
    assert ended.state == "CANCELLED"
    assert "inputs" not in output(ended, "ask")


def test_time_runs_out(running: Engine) -> None:
    ended = running.run(approval("    timeout: PT0.05S\n    expireBehavior: WARN\n"))
    assert states(ended) == {"ask": "WARNING", "after": "SUCCESS"}
    found = output(ended, "ask")
    assert found["decision"] == "EXPIRED"
    assert "due" in found


def test_a_condition_approves_by_itself(running: Engine) -> None:
    ended = running.run(approval("    autoApprove: '{{ 1 < 2 }}'\n"))
    assert states(ended) == {"ask": "SUCCESS", "after": "SUCCESS"}
    assert output(ended, "ask")["auto"] is True
    assert "PAUSED" not in history(ended)


def test_a_missing_input_is_asked_for_all_the_same(running: Engine) -> None:
    id_ = asked(running, approval("    autoApprove: true\n    inputs: [{id: n, type: INT}]\n"))
    approve(running, id_, n="1")
    assert running.wait(id_).state == "SUCCESS"


def test_tasks_run_while_it_waits_and_after_it(running: Engine) -> None:
    more = (
        f"    onWait: [{{id: tell, {RETURN}, format: w}}]\n    onApprove: [{{id: then, {RETURN}, format: y}}]\n"
        f"    onDeny: [{{id: denied, {RETURN}, format: n}}]\n    finally: [{{id: end, {RETURN}, format: e}}]\n"
    )
    id_ = asked(running, approval(more))
    running.wait(id_, lambda execution: states(execution).get("tell") == "SUCCESS")
    assert running.read(id_).state == "PAUSED"
    approve(running, id_)
    ended = running.wait(id_)
    assert [run.task_id for run in ended.runs.values()] == ["ask", "tell", "then", "end", "after"]
    assert set(states(ended).values()) == {"SUCCESS"}


def test_a_task_that_fails_after_the_decision_fails_it(running: Engine) -> None:
    bad = "    onApprove: [{id: bad, type: io.kestra.plugin.core.execution.Fail}]\n"
    id_ = asked(running, approval(bad + f"    errors: [{{id: handle, {RETURN}, format: h}}]\n"))
    approve(running, id_)
    ended = running.wait(id_)
    assert states(ended) == {"ask": "FAILED", "bad": "FAILED", "handle": "SUCCESS"}


@pytest.mark.parametrize(
    ("rule", "decision", "needed"),
    [("ALWAYS", "APPROVED", True), ("ON_APPROVE", "DENIED", False), ("ON_DENY", "DENIED", True)],
)
def test_a_comment_may_be_demanded(running: Engine, rule: str, decision: str, needed: bool) -> None:
    id_ = asked(running, approval(f"    commentRequired: {rule}\n"))
    if needed:
        with pytest.raises(BadRequest, match="demands a comment"):
            approve(running, id_, decision)
    approve(running, id_, decision, comment="because" if needed else None)
    assert output(running.wait(id_), "ask")["decision"] == decision


def test_one_inside_a_group_and_another_in_parallel(running: Engine) -> None:
    ask = "type: io.kestra.plugin.core.flow.Approval"
    source = flow(
        f"  - id: both\n    type: io.kestra.plugin.core.flow.Parallel\n    tasks:\n"
        f"      - {{id: one, {ask}}}\n      - {{id: two, {ask}}}\n"
    )
    id_ = asked(running, source)
    second = next(run.id for run in running.read(id_).runs.values() if run.task_id == "two")
    running.command(id_, lambda performer: decide_by(performer, "APPROVED", {}, task_run_id=second))
    running.wait(id_, lambda execution: states(execution)["two"] == "SUCCESS" and execution.state == "PAUSED")
    approve(running, id_)
    assert running.wait(id_).state == "SUCCESS"


def test_nothing_waits(running: Engine) -> None:
    ended = running.run(flow(AFTER))
    with pytest.raises(WrongState, match="no Approval"):
        approve(running, ended.id)
    with pytest.raises(BadRequest, match="PERHAPS"):
        approve(running, ended.id, "PERHAPS")


def test_killed_while_it_waits(running: Engine) -> None:
    id_ = asked(running, approval())
    running.command(id_, actions.kill)
    assert states(running.wait(id_)) == {"ask": "KILLED"}
