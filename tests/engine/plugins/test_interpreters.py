"""`pythonVersion`: the Python of a script, with a stand-in on the search path that says it is another version."""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path

import pytest

from flowctl.engine.plugins.properties import BadProperty
from flowctl.engine.plugins.protocol import TaskFailure
from flowctl.engine.plugins.scripts import interpreters
from flowctl.engine.plugins.scripts.interpreters import python_of, usual_python
from tests.engine.running import Engine, flow

TELL = "import os, sys; print(os.environ.get('VIRTUAL_ENV', '') == sys.prefix)"
USUAL = interpreters._asked(usual_python())[1]


@pytest.fixture
def other(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A `python9.8` that says it is 9.8.7 and is this interpreter otherwise."""
    folder = tmp_path / "bin with blank"
    folder.mkdir()
    program = folder / "python9.8"
    program.write_text(
        f'#!/bin/sh\ncase "$2" in *version_info*) echo "{program} 9 8 7";; *) exec {sys.executable} "$@";; esac\n'
    )
    program.chmod(0o755)
    monkeypatch.setenv("PATH", f"{folder}{os.pathsep}{os.environ['PATH']}")
    monkeypatch.setattr(interpreters, "_known", {})
    return program


def task(version: str, **more: object) -> str:
    kind = "Script" if "script" in more else "Commands"
    return "  - " + json.dumps(
        {
            "id": "t",
            "type": f"io.kestra.plugin.scripts.python.{kind}",
            "taskRunner": {"type": "io.kestra.plugin.core.runner.Process"},
            "pythonVersion": version,
            **more,
        }
    )


@pytest.mark.parametrize("version", ["9.8", "9.8.7"])
def test_the_version_is_looked_for(other: Path, version: str) -> None:
    assert python_of(version) == str(other)


@pytest.mark.parametrize("parts", [1, 2, 3])
def test_the_usual_one_is_taken_where_it_is_that(parts: int) -> None:
    assert python_of(".".join(USUAL[:parts])) == usual_python()
    assert python_of(None) == python_of("") == usual_python()


@pytest.mark.parametrize("version", ["9.7", "9.8.6", "99", "9.80"])
def test_a_version_that_is_not_there_is_said_with_the_one_that_is(other: Path, version: str) -> None:
    with pytest.raises(TaskFailure, match=rf"`pythonVersion` {version} is not on this machine: python3 is 3\."):
        python_of(version)


@pytest.mark.parametrize("version", [">=3.10", "3.x", "python3", "3.12.1.0", "-3"])
def test_what_is_no_version_is_refused(version: str) -> None:
    with pytest.raises(BadProperty, match="must be a version"):
        python_of(version)


@pytest.mark.parametrize("more", [{"script": TELL}, {"commands": [f'python -c "{TELL}"']}])
def test_a_script_and_commands_run_with_it(running: Engine, other: Path, more: dict[str, object]) -> None:
    found = running.run(flow(task("{{ '9.' ~ 8 }}", **more)))
    assert running.messages(found.id) == ["INFO t: True"]


def test_a_task_whose_version_is_not_there_fails_and_says_so(running: Engine) -> None:
    found = running.run(flow(task("9.9", script="print(1)")))
    assert found.state == "FAILED"
    assert any("`pythonVersion` 9.9 is not on this machine" in line for line in running.messages(found.id, "ERROR"))


def test_one_that_is_installed_later_is_found(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(interpreters, "_known", {})
    monkeypatch.setenv("PATH", f"{tmp_path}{os.pathsep}{os.environ['PATH']}")
    with pytest.raises(TaskFailure):
        python_of("9.8")
    program = tmp_path / "python9.8"
    program.write_text(f'#!/bin/sh\necho "{program} 9 8 0"\n')
    program.chmod(0o755)
    assert python_of("9.8") == str(program)
