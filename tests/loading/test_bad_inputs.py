"""Bad inputs are refused at their exact places, and no problem shows a secret."""

from __future__ import annotations

import os
import re
from collections.abc import Callable
from importlib.resources import files
from pathlib import Path

import pytest

from flowctl.errors import FlowctlError
from flowctl.loading.configuration.environments import load_environment
from flowctl.loading.project import load_project
from flowctl.loading.workspace import find_workspace
from flowctl.model.diagnostic import Diagnostic
from tests.loading.bad_texts import BUNDLED, BY_FILE, ROWS, SOUND, TASKS, Text
from tests.loading.bad_trees import TREES, write


def problems_of(root: Path) -> tuple[Diagnostic, ...]:
    """Everything that loading has to say, errors or warnings."""
    try:
        workspace = find_workspace(root)
        assert workspace.settings is not None
        return load_project(workspace, load_environment(workspace, "dev"), {"WORD": "hello"}).diagnostics
    except FlowctlError as error:
        return error.diagnostics


def said(diagnostics: tuple[Diagnostic, ...]) -> str:
    return ", ".join(f"{d.code} {d.line}:{d.column}" for d in diagnostics)


@pytest.mark.parametrize(("path", "text", "expected"), ROWS)
def test_a_bad_text_is_refused_at_its_place(tmp_path: Path, path: str, text: Text, expected: str) -> None:
    write(tmp_path, {**SOUND, path: text})
    found = problems_of(tmp_path)
    assert said(found) == expected
    for problem in found:
        assert problem.path == path
        assert problem.summary
        assert page(problem.code)


@pytest.mark.parametrize(
    ("value", "summary"),
    [
        ("", "`!env` without the name of a variable"),
        ("' '", "`!env` without the name of a variable"),
        ("'hunter2 pass'", "the name after `!env` is malformed"),
        ("1ST", "the name after `!env` is malformed"),
        ("MY-VAR", "the name after `!env` is malformed"),
        ("[hunter2]", "the name after `!env` is malformed"),
        ("{hunter2: b}", "the name after `!env` is malformed"),
    ],
    ids=["missing", "blank", "a space", "a digit first", "a hyphen", "a list", "a map"],
)
def test_a_malformed_name_of_a_variable_is_not_called_missing(tmp_path: Path, value: str, summary: str) -> None:
    write(tmp_path, {**SOUND, "flows/dev/_kv.yaml": f"a: {{value: !env {value} }}\n"})
    found = problems_of(tmp_path)
    assert [(one.code, one.summary) for one in found] == [("F429", summary)]
    assert "hunter2" not in str(found)


def page(code: str) -> str:
    return (files("flowctl") / "pages" / f"{code}.md").read_text(encoding="utf-8")


@pytest.mark.parametrize(("build", "expected"), [pytest.param(b, e, id=t) for t, b, e in TREES])
def test_a_bad_tree_is_refused_file_by_file(tmp_path: Path, build: Callable[[Path], None], expected: str) -> None:
    write(tmp_path, SOUND)
    build(tmp_path)
    found = problems_of(tmp_path)
    assert ", ".join(f"{d.code} {d.path} {d.line}:{d.column}" for d in found) == expected
    assert all(d.hint and page(d.code) for d in found if d.code != "F312")


def test_an_unreadable_file_is_said_so(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write(tmp_path, {**SOUND, "flows/dev/x.yaml": "id: x\n" + TASKS})
    really_open = os.open

    def refuse(path: str, *arguments: int) -> int:
        if str(path).endswith("x.yaml"):
            raise PermissionError(13, "Permission denied")
        return really_open(path, *arguments)

    monkeypatch.setattr(os, "open", refuse)
    (found,) = problems_of(tmp_path)
    assert (found.code, found.path, found.summary) == ("F401", "flows/dev/x.yaml", "cannot be read: permission denied")


def test_the_table_is_as_wide_as_it_claims_to_be() -> None:
    rows = [expected for rows in BY_FILE.values() for _, _, expected in rows] + [expected for _, _, expected in TREES]
    codes = {code for expected in rows for code in re.findall(r"\bF\d{3}\b", expected)}
    assert len(rows) >= 200
    assert len(codes) >= 60


def test_no_problem_shows_a_secret(tmp_path: Path) -> None:
    secret = "s3cr3t-value"
    texts = {
        "environments/dev.yaml": f"server: https://joe:{secret}@x.example\n"
        f"auth:\n  token: {secret}\n  token_env: {secret}\n",
        "flows/dev/_kv.yaml": "a: {type: NUMBER, value: !env SECRET}\n",
    }
    write(tmp_path, {**SOUND, **texts})
    for problem in problems_of(tmp_path):
        assert secret not in repr(problem)
    write(tmp_path, {"environments/dev.yaml": BUNDLED})
    workspace = find_workspace(tmp_path)
    with pytest.raises(FlowctlError) as caught:
        load_project(workspace, load_environment(workspace, "dev"), {"SECRET": secret})
    assert [problem.code for problem in caught.value.diagnostics] == ["F435"]
    assert secret not in repr(caught.value.diagnostics)
