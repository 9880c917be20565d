"""Loops that are tried again, and Loops beside others, with the real executor and store."""

from __future__ import annotations

from flowctl.engine.executor.lifecycle.restarting import restart
from tests.engine.running import Engine, flow, output, states

FLOW = "type: io.kestra.plugin.core.flow."
FAIL = "type: io.kestra.plugin.core.execution.Fail"
RETURN = "type: io.kestra.plugin.core.debug.Return"
NAP = "type: io.kestra.plugin.core.flow.Sleep, duration: PT0.3S"


def test_a_restarted_loop_gathers_the_outputs_of_its_last_attempt(running: Engine) -> None:
    wanted = "{{ item.value == 'b' and kv('seen', errorOnMissing=false) != 'x' }}"
    source = flow(
        f"  - id: each\n    {FLOW}Loop\n    values: [a, b]\n"
        "    outputs: [{id: got, type: STRING, value: '{{ outputs.r.value }}'}]\n"
        f'    tasks:\n      - {{id: bad, {FAIL}, runIf: "{wanted}"}}\n'
        f"      - {{id: r, {RETURN}, format: '{{{{ item.value }}}}'}}\n",
        "errors: [{id: note, type: io.kestra.plugin.core.kv.Set, key: seen, value: x}]\n",
    )
    id_ = running.run(source).id
    running.command(id_, restart)
    ended = running.wait(id_)
    rows = output(ended, "each")["outputs"]
    assert isinstance(rows, list)
    assert [row["outputs"] for row in rows] == [{"got": "a"}, {"got": "b"}]


def test_a_failing_loop_stops_its_own_iterations_alone(running: Engine) -> None:
    nap = f"{{id: nap, {NAP}}}"
    fails = f"{{id: bad, {FAIL}, runIf: \"{{{{ item.value == 'b' }}}}\"}}"
    source = flow(
        f"  - id: both\n    {FLOW}Parallel\n    tasks:\n"
        f"      - {{id: whole, {FLOW}Loop, values: [x, y], concurrencyLimit: 0, tasks: [{nap}]}}\n"
        f"      - {{id: broken, {FLOW}Loop, allowFailure: true, values: [a, b], concurrencyLimit: 0,"
        f" tasks: [{fails}, {nap.replace('nap', 'rest')}]}}\n"
    )
    ended = running.run(source)
    assert states(ended) == {"both": "WARNING", "whole": "SUCCESS", "broken": "WARNING"}
    assert output(ended, "whole") == {"iterationCount": 2, "runningIterations": 0, "terminatedIterations": 2}


def test_a_restarted_loop_begins_anew_after_a_condition_that_could_not_be_evaluated(running: Engine) -> None:
    stop = "{{ kv('seen', errorOnMissing=false) == 'x' ? false : 1 / 0 > 1 }}"
    source = flow(
        f'  - id: each\n    {FLOW}Loop\n    values: [a, b]\n    breakWhen: "{stop}"\n'
        f"    tasks: [{{id: r, {RETURN}, format: x}}]\n",
        "errors: [{id: note, type: io.kestra.plugin.core.kv.Set, key: seen, value: x}]\n",
    )
    failed = running.run(source)
    assert states(failed)["each"] == "FAILED"
    running.command(failed.id, restart)
    ended = running.wait(failed.id)
    assert (ended.state, output(ended, "each")["terminatedIterations"]) == ("SUCCESS", 2)
