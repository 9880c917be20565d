"""YAML 1.1/1.2 traps: where a server reads something else than was meant, and nowhere else."""

from __future__ import annotations

import pytest

from flowctl.flowtext.document import parse
from flowctl.flowtext.traps import find_traps

TRAPS: list[tuple[str, str, str, int, int]] = [
    ("id: on\n", "F230", "error", 1, 5),
    ("id: True\n", "F230", "error", 1, 5),
    ("namespace: 010\n", "F232", "error", 1, 12),
    ("labels:\n  land: no\n", "F230", "error", 2, 9),
    ("labels:\n  - {key: a, value: off}\n", "F230", "error", 2, 21),
    ("labels:\n  version: 1.10\n", "F237", "error", 2, 12),
    ("inputs:\n  - {id: x, type: SELECT, values: [yes, maybe]}\n", "F230", "error", 2, 36),
    ("inputs:\n  - {id: x, type: STRING, defaults: 1_000}\n", "F233", "error", 2, 37),
    ("tasks:\n  - {id: 0x1, type: a}\n", "F237", "error", 2, 10),
    ("tasks:\n  - id: a\n    env:\n      DEBUG: yes\n", "F230", "error", 4, 14),
    ("disabled: yes\n", "F231", "warning", 1, 11),
    ("variables:\n  mode: 0644\n", "F232", "warning", 2, 9),
    ("variables:\n  many: 1_000\n", "F233", "warning", 2, 9),
    ("variables:\n  mode: 0o644\n", "F234", "warning", 2, 9),
    ("<<: {a: 1}\n", "F235", "error", 1, 1),
    ("tasks:\n  - id: a\n    <<: {x: 1}\n", "F235", "error", 3, 5),
    ("variables:\n  all:\n    <<: {x: 1}\n", "F235", "warning", 3, 5),
    ("variables:\n  on: 1\n", "F236", "info", 2, 3),
    ("variables:\n  at: 12:30\n", "F239", "info", 2, 7),
    ("variables:\n  x: !env HOME\n", "F223", "error", 2, 6),
    ("variables:\n  x: !include file\n", "F223", "error", 2, 6),
    ("\ufeffid: x\n", "F204", "warning", 1, 1),
    ("id: x\nmessage: a\u00a0b\n", "F241", "warning", 2, 11),
    ("id: x\nmessage: a\u202eb\n", "F241", "warning", 2, 11),
]


@pytest.mark.parametrize(("text", "code", "severity", "line", "column"), TRAPS)
def test_a_trap_is_found_at_its_place(text: str, code: str, severity: str, line: int, column: int) -> None:
    found = list(find_traps(text, parse(text)))
    assert [(trap.code, trap.severity, trap.line, trap.column) for trap in found] == [(code, severity, line, column)]
    assert found[0].hint


@pytest.mark.parametrize(
    "text",
    [
        "id: 'on'\nlabels: {a: 'no', b: \"1.10\"}\n",
        "id: true\n",
        "id: 123\n",
        "disabled: true\nvariables: {a: false, b: null, c: ~, d: 0, e: -5, f: 1.10, g: 1e3}\n",
        "message: yes we can, no or on\n# no, on, off\n",
        "description: |\n  on\n  010\n  yes\n",
        "triggers:\n  - id: a\n    cron: '0 3 * * *'\n    date: 2024-01-01\n",
        "inputs:\n  - {id: x, type: INT, defaults: 5}\n  - {id: y, type: FLOAT, defaults: 1.50}\n",
        "variables: {x: !!str 010}\n",
        "message: ümläut → 😀\n",
    ],
)
def test_what_reads_as_it_was_meant_is_no_trap(text: str) -> None:
    assert list(find_traps(text, parse(text))) == []
