"""A check ends soon, whatever a flow of a few megabytes holds: each of these once took minutes."""

from __future__ import annotations

import time
from collections.abc import Callable

import pytest

from flowctl.language.normalise import normalise
from flowctl.language.validation import check_flow

LOG = "io.kestra.plugin.core.log.Log"
N = 20_000


def flow(**more: object) -> dict[str, object]:
    return {"id": "a", "namespace": "n", "tasks": [{"id": "x", "type": LOG, "message": "m"}], **more}


def member(index: int) -> dict[str, object]:
    return {"task": {"id": f"t{index}", "type": LOG, "message": "m"}, "dependsOn": [f"t{index + 1}"]}


def chained(index: int, last: int) -> dict[str, object]:
    return {"id": f"i{index}", "type": "STRING", "dependsOn": {"inputs": [f"i{(index + 1) % last}"]}}


FLOWS: dict[str, Callable[[], dict[str, object]]] = {
    "a Dag in the opposite order": lambda: flow(
        tasks=[{"id": "d", "type": "io.kestra.plugin.core.flow.Dag", "tasks": [member(i) for i in range(N)]}]
    ),
    "a circle of inputs": lambda: flow(inputs=[chained(i, 5_000) for i in range(5_000)]),
    "an id of dots": lambda: flow(inputs=[{"id": "a" + ".a" * 500_000, "type": "STRING"}]),
    "open braces": lambda: flow(tasks=[{"id": "x-y", "type": LOG, "message": "{{" * 500_000 + "-"}]),
    "quotes": lambda: flow(tasks=[{"id": "x-y", "type": LOG, "message": "{{ - " + "'\\" * 500_000 + " }}"}]),
    "open braces in a condition": lambda: flow(
        tasks=[{"id": "x", "type": LOG, "message": "m", "runIf": "{{" * 500_000}]
    ),
    "unknown properties": lambda: flow(**{f"propertz{i}": i for i in range(N)}),
    "unknown types": lambda: flow(tasks=[{"id": f"t{i}", "type": f"{LOG}{i}"} for i in range(N)]),
    "expressions": lambda: flow(tasks=[{"id": "x", "type": LOG, "message": [f"{{{{ a{i} }}}}" for i in range(N)]}]),
    "one long expression": lambda: flow(tasks=[{"id": "x", "type": LOG, "message": "{{ a" + " + a" * 300_000 + " }}"}]),
    "duplicates": lambda: flow(tasks=[{"id": "x", "type": LOG, "message": "m"}] * N),
}


@pytest.mark.parametrize("name", FLOWS)
def test_a_check_ends_soon(name: str) -> None:
    value = FLOWS[name]()
    began = time.process_time()
    for strict in (True, False):
        found = check_flow(value, strict_types=strict)
        assert len(found) <= 1_100
    normalise(value)
    assert time.process_time() - began < 6
