"""Restarts that reach further than one list of tasks, with the real executor and store."""

from __future__ import annotations

import pytest

from flowctl.engine.executor.lifecycle.restarting import restart
from flowctl.engine.executor.records.records import Execution
from tests.engine.running import Engine, flow, output, states

FLOW = "type: io.kestra.plugin.core.flow."
FAIL = "type: io.kestra.plugin.core.execution.Fail"
RETURN = "type: io.kestra.plugin.core.debug.Return"
ONCE = f"  - {{id: bad, {FAIL}, runIf: \"{{{{ kv('seen', errorOnMissing=false) != 'x' }}}}\"}}\n"
NOTE = "errors: [{id: note, type: io.kestra.plugin.core.kv.Set, key: seen, value: x}]\n"


def restarted(running: Engine, source: str) -> tuple[Execution, Execution]:
    """An execution after its first failure, and after its restart."""
    failed = running.run(source)
    assert failed.state == "FAILED"
    running.command(failed.id, restart)
    return failed, running.wait(failed.id)


def child(running: Engine, parent: Execution) -> Execution:
    return running.wait(str(output(parent, "call")["executionId"]))


def call(more: str = "") -> str:
    return flow(f"  - {{id: call, {FLOW}Subflow, namespace: test.engine, flowId: child{more}}}\n")


def test_a_restart_goes_on_in_the_failed_child(running: Engine) -> None:
    outputs = 'outputs: [{id: got, type: STRING, value: "{{ outputs.one.value }}"}]\n'
    running.save(flow(f"  - {{id: one, {RETURN}, format: x}}\n{ONCE}", NOTE + outputs, id_="child"))
    failed, ended = restarted(running, call())
    assert ended.state == "SUCCESS"
    first = child(running, ended)
    assert first.id == output(failed, "call")["executionId"]
    assert output(ended, "call") == {"executionId": first.id, "state": "SUCCESS", "outputs": {"got": "x"}}
    assert [state for state, _ in first.history] == ["CREATED", "RUNNING", "FAILED", "RESTARTED", "RUNNING", "SUCCESS"]
    assert states(first) == {"one": "SUCCESS", "bad": "SKIPPED"}
    assert ("system.restarted", "true") in first.labels


def test_a_restart_is_found_by_its_label(running: Engine) -> None:
    _, ended = restarted(running, flow(ONCE, NOTE))
    query = "SELECT key, value FROM execution_labels WHERE execution_id = ?"
    found = running.store.read(lambda connection: connection.execute(query, (ended.id,)).fetchall())
    assert ("system.restarted", "true") in found
    assert dict(found) == dict(ended.labels)


def test_a_restart_can_start_another_child(running: Engine) -> None:
    running.save(flow(ONCE, NOTE, id_="child"))
    failed, ended = restarted(running, call(", restartBehavior: NEW_EXECUTION"))
    assert ended.state == "SUCCESS"
    assert output(failed, "call")["executionId"] != output(ended, "call")["executionId"]


def test_a_child_without_a_failed_task_is_started_anew(running: Engine) -> None:
    outputs = "outputs: [{id: got, type: STRING, value: \"{{ kv('seen') }}\"}]\n"
    running.save(flow(f"  - {{id: one, {RETURN}, format: x}}\n", outputs, id_="child"))
    source = call().replace("tasks:", f"{NOTE}tasks:")
    failed, ended = restarted(running, source)
    assert output(failed, "call")["executionId"] != output(ended, "call")["executionId"]
    assert output(ended, "call")["outputs"] == {"got": "x"}


@pytest.mark.parametrize("again", [False, True], ids=["well", "failing"])
def test_a_child_that_was_restarted_by_hand_is_taken_as_it_is(running: Engine, again: bool) -> None:
    tasks = f"  - {{id: bad, {FAIL}}}\n" if again else ONCE
    running.save(flow(tasks, NOTE, id_="child"))
    failed = running.run(call())
    id_ = child(running, failed).id
    running.command(id_, restart)
    running.wait(id_)
    running.command(failed.id, restart)
    ended = running.wait(failed.id)
    assert ended.state == ("FAILED" if again else "SUCCESS")
    assert (output(ended, "call")["executionId"] == id_) is again


def test_a_working_directory_begins_anew_as_a_whole(running: Engine) -> None:
    shell = "type: io.kestra.plugin.scripts.shell.Commands, taskRunner: {type: io.kestra.plugin.core.runner.Process}"
    inner = ONCE.replace("  - ", "      - ")
    source = flow(
        f"  - id: wd\n    {FLOW}WorkingDirectory\n    tasks:\n"
        f"      - {{id: writes, {shell}, commands: ['echo x > a.txt']}}\n{inner}"
        f"      - {{id: reads, {shell}, commands: ['test -f a.txt']}}\n"
        f"  - {{id: after, {RETURN}, format: x}}\n",
        NOTE,
    )
    failed, ended = restarted(running, source)
    assert states(failed) == {"wd": "FAILED", "writes": "SUCCESS", "bad": "FAILED", "note": "SUCCESS"}
    assert ended.state == "SUCCESS"
    assert states(ended) == {
        "wd": "SUCCESS",
        "after": "SUCCESS",
        "writes": "SUCCESS",
        "bad": "SKIPPED",
        "reads": "SUCCESS",
    }
    assert next(run for run in failed.runs.values() if run.task_id == "writes").id not in ended.runs


def test_rounds_begin_anew(running: Engine) -> None:
    source = flow(
        f"  - id: until\n    {FLOW}LoopUntil\n    condition: \"{{{{ kv('seen', errorOnMissing=false) == 'x' }}}}\"\n"
        "    failOnMaxReached: true\n    checkFrequency: {maxIterations: 1, interval: PT0.01S}\n"
        f'    tasks: [{{id: round, {RETURN}, format: "{{{{ outputs.until.iterationCount }}}}"}}]\n',
        NOTE,
    )
    failed, ended = restarted(running, source)
    assert output(failed, "round") == {"value": "2"}
    assert output(ended, "round") == {"value": "1"}
    assert output(ended, "until") == {"iterationCount": 1}
    assert next(iter(ended.runs.values())).iteration is None


@pytest.mark.parametrize("behavior", ["RETRY_FAILED", "NEW_EXECUTION"])
def test_the_batches_that_failed_are_restarted(running: Engine, behavior: str) -> None:
    when = "runIf: \"{{ inputs.n == 1 and kv('seen', errorOnMissing=false) != 'x' }}\""
    running.save(
        flow(
            f"  - {{id: bad, {FAIL}, {when}}}\n  - {{id: r, {RETURN}, format: '{{{{ read(inputs.part) | trim }}}}'}}\n",
            "inputs: [{id: part, type: FILE}, {id: n, type: INT}]\n"
            "outputs: [{id: got, type: STRING, value: \"{{ outputs.r.value ?? '-' }}\"}]\n",
            id_="child",
        )
    )
    given = "inputs: {part: '{{ taskrun.items }}', n: '{{ taskrun.iteration }}'}"
    source = flow(
        '  - {id: w, type: io.kestra.plugin.core.storage.Write, content: "a\\nb\\nc\\n"}\n'
        f"  - {{id: all, {FLOW}ForEachItem, items: '{{{{ outputs.w.uri }}}}', namespace: test.engine, flowId: child,"
        f" restartBehavior: {behavior}, {given}}}\n"
        f"  - {{id: show, {RETURN}, format: '{{{{ read(outputs.all_merge.subflowOutputs) }}}}'}}\n",
        NOTE,
    )
    failed, ended = restarted(running, source)
    assert output(failed, "all_items")["iterations"] == {"CREATED": 0, "RUNNING": 0, "SUCCESS": 2, "FAILED": 1}
    assert output(ended, "all_items")["iterations"] == {"CREATED": 0, "RUNNING": 0, "SUCCESS": 3}
    assert output(ended, "show")["value"] == '{got:"a"}\n{got:"b"}\n{got:"c"}\n'
    started = [line for line in running.messages(ended.id) if "all_items: Created new execution" in line]
    assert len(started) == (3 if behavior == "RETRY_FAILED" else 6)


def test_a_tolerated_failure_is_not_run_again(running: Engine) -> None:
    source = flow(
        f"  - {{id: group, {FLOW}AllowFailure, tasks: [{{id: soft, {FAIL}}}]}}\n{ONCE}",
        NOTE,
    )
    failed, ended = restarted(running, source)
    assert states(failed) == {"group": "WARNING", "soft": "FAILED", "bad": "FAILED", "note": "SUCCESS"}
    assert ended.state == "WARNING"
    assert states(ended) == {"group": "WARNING", "soft": "FAILED", "bad": "SKIPPED"}
    assert [len(run.attempts) for run in ended.runs.values() if run.task_id == "soft"] == [1]


def test_tolerated_failures_alone_can_be_run_again(running: Engine) -> None:
    ended = running.run(
        flow(
            f"  - id: group\n    {FLOW}AllowFailure\n    tasks:\n{ONCE.replace('  - ', '      - ')}"
            "  - {id: note, type: io.kestra.plugin.core.kv.Set, key: seen, value: x}\n"
        )
    )
    assert ended.state == "WARNING"
    running.command(ended.id, restart)
    assert states(running.wait(ended.id)) == {"group": "SUCCESS", "bad": "SKIPPED", "note": "SUCCESS"}
