"""What is disabled never runs: no hazard comes of it before it is enabled."""

from __future__ import annotations

from collections.abc import Mapping

import pytest

from flowctl.model.keys import FlowKey
from tests.planning.hazards.worlds import key, made, said, schedule, subflow, text

Texts = Mapping[FlowKey, str]
OFF = "    disabled: true\n"
LOG = "  - id: say\n    type: io.kestra.plugin.core.log.Log\n    message: hello\n"
ASK = '  - id: say\n    type: io.kestra.plugin.core.log.Log\n    message: "{{ %s }}"\n'
HOOK = "triggers:\n  - id: hook\n    type: io.kestra.plugin.core.trigger.Webhook\n    key: \"{{ secret('HOOK') }}\"\n"
ANY = "triggers:\n  - id: any\n    type: io.kestra.plugin.core.trigger.Flow\n"
AFTER = (
    "triggers:\n  - id: after\n    type: io.kestra.plugin.core.trigger.Flow\n    dependsOn:\n"
    "      - {namespace: dev, flowId: child}\n"
)
SYNC = "  - id: sync\n    type: io.kestra.plugin.git.SyncFlows\n    targetNamespace: dev\n"
GROUP = f"{LOG}    workerGroup:\n      key: gpu\n"
ADDRESS = f"{LOG}    inputFiles:\n      run.sh: nsfile:///run.sh\n"
INPUT = "inputs:\n  - {id: day, type: STRING}\n"
CHILD, PARENT = key("child"), key("parent")

TASKS = [
    ("H1", subflow("nobody")),
    ("H2", subflow("'{{ inputs.child }}'")),
    ("H21", ASK % "secret('DB')"),
    ("H22", ASK % "kv('LIMIT')"),
    ("H23", ASK % "namespace.region"),
    ("H24", ASK % "read('query.sql')"),
    ("H24", ADDRESS),
    ("H39", GROUP),
    ("H42", SYNC),
]


@pytest.mark.parametrize(("code", "task"), TASKS)
def test_a_disabled_task_is_silent_and_so_is_a_disabled_flow(code: str, task: str) -> None:
    awake, asleep = text("a", tasks=task), text("a", tasks=task + OFF)
    assert len(said(made({key("a"): awake}), code)) == 1
    assert said(made({key("a"): asleep}), code) == []
    assert said(made({key("a"): text("a", "disabled: true\n", tasks=task)}), code) == []
    assert len(said(made({key("a"): awake}, {key("a"): asleep}), code)) == 1


@pytest.mark.parametrize(("code", "members"), [("H33", ANY), ("H7", INPUT + schedule("0 5 * * *"))], ids=["H33", "H7"])
def test_a_trigger_speaks_up_when_it_or_its_flow_is_enabled(code: str, members: str) -> None:
    awake = {key("a"): text("a", members)}
    flow_off, trigger_off = {key("a"): text("a", f"{members}disabled: true\n")}, {key("a"): text("a", members + OFF)}
    for asleep in (flow_off, trigger_off):
        assert said(made(asleep), code) == []
        assert len(said(made(awake, asleep), code)) == 1


@pytest.mark.parametrize("off", ["flow", "task", "around", "trigger"])
def test_h3_counts_no_call_that_never_happens(off: str) -> None:
    around = f"  - id: all\n    type: io.kestra.plugin.core.flow.Sequential\n    disabled: true\n    tasks:\n{LOG}"
    inside = "".join(f"    {line}\n" for line in subflow("child").splitlines())
    parents = {
        "flow": text("parent", "disabled: true\n", tasks=subflow("child")),
        "task": text("parent", tasks=subflow("child", more=OFF)),
        "around": text("parent", tasks=around.replace(LOG, inside)),
        "trigger": text("parent", AFTER + OFF),
    }
    before = {CHILD: text("child"), PARENT: parents[off]}
    assert said(made({PARENT: parents[off]}, before), "H3") == []
    awake = parents[off].replace("disabled: true\n", "disabled: false\n")
    assert len(said(made({PARENT: awake}, {CHILD: text("child"), PARENT: awake}), "H3")) == 1


def test_h5_h6_and_the_blast_radius_count_no_call_that_never_happens() -> None:
    output = "outputs:\n  - {id: total, type: STRING, value: x}\n"
    reads = f"{subflow('child', more=OFF)}{ASK % 'outputs.call.outputs.total'}"
    before = {CHILD: text("child", output), PARENT: text("parent", tasks=reads)}
    plan = made({**before, CHILD: text("child", INPUT)}, before)
    assert said(plan, "H5") == said(plan, "H6") == []
    assert plan.changes[0].impact.callers == ()


@pytest.mark.parametrize("off", [f"{HOOK}{OFF}", f"{HOOK}disabled: true\n"], ids=["trigger", "flow"])
def test_h14_counts_no_address_that_answered_nobody(off: str) -> None:
    before = {key("a"): text("a", off)}
    assert said(made({}, before), "H14") == []
    assert said(made({key("a"): text("a")}, before), "H14") == []
    assert said(made({key("a"): text("a", off.replace("HOOK", "DOOR"))}, before), "H14") == []
    assert made({key("a"): text("a")}, before).changes[0].impact.contract == ()


@pytest.mark.parametrize("off", ["", "disabled: true\n"], ids=["task", "flow"])
def test_h41_and_h42_count_no_sync_that_never_runs(off: str) -> None:
    asleep = text("sync", off, tasks=SYNC if off else SYNC + OFF)
    assert said(made({}, {key("sync"): asleep}), "H41") == []
    awake = {key("sync"): text("sync", tasks=SYNC)}
    assert len(said(made({}, awake), "H41")) == 1


def test_h10_says_nothing_of_a_trigger_that_is_disabled_and_at_rest() -> None:
    before = {key("a"): text("a", schedule("0 5 * * *", more=OFF))}
    assert said(made({key("a"): text("a")}, before), "H10") == []
