"""Modules are imported while a slow answer is waited for, and only then."""

from __future__ import annotations

import sys
from importlib import import_module
from pathlib import Path
from threading import Event

import pytest

from flowctl.cli.plans.meanwhile import PLANNING, imported_meanwhile

ARRIVED = Event()
"""Set by the module that a test writes, when it is imported."""


@pytest.fixture
def module(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    (tmp_path / "imported_in_a_test.py").write_text(f"from {__name__} import ARRIVED\nARRIVED.set()\n")
    monkeypatch.syspath_prepend(str(tmp_path))
    monkeypatch.delitem(sys.modules, "imported_in_a_test", raising=False)
    ARRIVED.clear()
    return "imported_in_a_test"


def test_a_slow_answer_is_used_for_imports(module: str) -> None:
    with imported_meanwhile([module], after=0):
        assert ARRIVED.wait(30)
    assert module in sys.modules


def test_nothing_is_imported_beside_an_answer_that_comes_at_once(module: str) -> None:
    with imported_meanwhile([module], after=3600):
        pass
    assert not ARRIVED.is_set()


def test_an_import_that_began_is_over_when_the_block_is(tmp_path: Path, module: str) -> None:
    path = tmp_path / f"{module}.py"
    path.write_text(path.read_text() + "from threading import Event\nEvent().wait(0.05)\nDONE = True\n")
    with imported_meanwhile([module], after=0):
        assert ARRIVED.wait(30)
    assert sys.modules[module].DONE is True


@pytest.mark.parametrize("name", PLANNING)
def test_the_modules_that_are_named_exist(name: str) -> None:
    assert import_module(name).__name__ == name
