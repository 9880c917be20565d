"""The process as a whole: exit codes, streams, and what is not imported."""

from __future__ import annotations

import json
import platform
import re
import shlex
import subprocess
import sys
from pathlib import Path

import pytest

from flowctl import __version__
from flowctl.cli.lazy import CALLED_OTHERWISE, COMMANDS, unknown_command

HEAVY = (
    "httpx",
    "yaml",
    "ruamel",
    "jsonschema",
    "deepdiff",
    "git",
    "starlette",
    "uvicorn",
    "rich",
    "orjson",
    "asyncio",
)


def flowctl(
    *arguments: str, cwd: Path | None = None, env: dict[str, str] | None = None
) -> subprocess.CompletedProcess[str]:
    import os

    return subprocess.run(
        [sys.executable, "-m", "flowctl", *arguments],
        capture_output=True,
        text=True,
        cwd=cwd,
        env={**os.environ, **(env or {})},
        stdin=subprocess.DEVNULL,
        check=False,
    )


@pytest.mark.parametrize("arguments", [["--help"], ["version"], ["--version"]])
def test_nothing_heavy_is_imported_for_help_and_version(arguments: list[str]) -> None:
    code = (
        "import sys\nfrom flowctl.cli.main import run\n"
        f"code = run({arguments!r})\n"
        f"print(sorted(m for m in {HEAVY!r} if m in sys.modules), file=sys.stderr)\nsys.exit(code)"
    )
    result = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert (result.returncode, result.stderr.strip()) == (0, "[]")


@pytest.mark.parametrize(
    "arguments",
    [
        ["plann"],
        ["plan", "--no-such-option"],
        ["explain", "a", "b"],
        ["completion", "tcsh"],
        ["explain", "X1"],
        ["plan", "--max-deletes", "many"],
        ["apply", "--max-deletes", "120%"],
    ],
)
def test_a_usage_error_is_64_and_never_2(arguments: list[str], tmp_path: Path) -> None:
    result = flowctl(*arguments, cwd=tmp_path)
    assert result.returncode == 64
    assert result.stdout == ""
    assert result.stderr


def test_a_mistyped_command_names_the_nearest() -> None:
    assert unknown_command("aply") == "There is no command 'aply'. Did you mean 'apply'?"
    assert unknown_command("xyzzy") == "There is no command 'xyzzy'."


@pytest.mark.parametrize("name", sorted(CALLED_OTHERWISE))
def test_a_word_of_terraform_leads_to_commands_and_options_that_there_are(name: str) -> None:
    assert name not in COMMANDS
    named = [shlex.split(text) for text in re.findall(r"`([a-z][^`]*)`", CALLED_OTHERWISE[name])]
    assert named and unknown_command(name).startswith(f"There is no command {name!r}: ")
    for command, *words in named:
        assert command in COMMANDS
        page = (Path(__file__).parents[2] / "docs/cli.md").read_text().partition(f"## flowctl {command}\n")[2]
        help_text = page.partition("\n## ")[0]
        assert all(word in help_text for word in words if word.startswith("--"))


@pytest.mark.parametrize(
    "arguments", [[], ["executions"], ["server"], ["ci"]], ids=["none", "executions", "server", "ci"]
)
def test_a_group_alone_shows_its_help_and_no_error(arguments: list[str]) -> None:
    result = flowctl(*arguments)
    assert (result.returncode, result.stdout) == (64, "")
    assert result.stderr == flowctl(*arguments, "--help").stdout


def test_version_is_that_of_flowctl_and_of_python() -> None:
    said = flowctl("version").stdout
    assert said == f"flowctl {__version__} (Python {platform.python_version()})\n"


def test_version_as_json_has_a_format() -> None:
    found = json.loads(flowctl("version", "--json").stdout)
    assert found["format"] == "1.0"
    assert set(found) == {"format", "flowctl", "python"}


def test_errors_are_json_when_json_was_asked_for(tmp_path: Path) -> None:
    result = flowctl("plan", "dev", "--json", cwd=tmp_path)
    assert result.returncode == 1
    found = json.loads(result.stdout)
    assert found["diagnostics"][0]["severity"] == "error"


def test_a_directory_for_chdir_is_entered_before_anything_else(tmp_path: Path) -> None:
    assert flowctl("-C", str(tmp_path / "no"), "plan").returncode == 64
    (tmp_path / "there").mkdir()
    result = flowctl("-C", str(tmp_path / "there"), "init", "dev")
    assert result.returncode == 0
    assert (tmp_path / "there/environments/dev.yaml").exists()


def test_a_reader_that_leaves_early_gets_no_complaint() -> None:
    process = subprocess.Popen(
        [sys.executable, "-m", "flowctl", "explain", "C103"], stdout=subprocess.PIPE, stderr=subprocess.PIPE
    )
    assert process.stdout is not None
    process.stdout.close()
    assert process.stderr is not None
    assert process.stderr.read() == b""
    process.wait()
    process.stderr.close()


def test_every_command_of_the_table_exists_and_has_a_help() -> None:
    from flowctl.cli.main import cli

    for name in COMMANDS:
        command = cli.get_command(__import__("click").Context(cli), name)
        assert command is not None
        assert command.help


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_completion_scripts_ask_flowctl(shell: str) -> None:
    result = flowctl("completion", shell)
    assert result.returncode == 0
    assert "_FLOWCTL_COMPLETE" in result.stdout


def test_a_defect_is_one_line_and_a_crash_file(tmp_path: Path) -> None:
    (tmp_path / "environments").mkdir()
    code = (
        "import os, sys\nfrom flowctl.cli import main\n"
        "def broken(*a, **k): raise KeyError('secret-free')\n"
        "main.cli.main = broken\nsys.exit(main.run(['plan']))"
    )
    result = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, cwd=tmp_path, check=False)
    assert result.returncode == 1
    assert "Traceback" not in result.stderr
    assert "[C199]" in result.stderr
    kept = list((tmp_path / ".flowctl").glob("crash-*.txt"))
    assert len(kept) == 1
    assert "KeyError" in kept[0].read_text()


@pytest.mark.parametrize("encoding", ["ascii", "latin-1", "utf-8"])
def test_a_text_that_the_terminal_cannot_encode_is_no_defect(encoding: str) -> None:
    result = flowctl("explain", "F219", env={"PYTHONIOENCODING": f"{encoding}:strict", "PYTHONUTF8": "0"})
    assert (result.returncode, result.stderr) == (0, "")
    assert result.stdout.startswith("# F219")


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="a device of Linux")
@pytest.mark.parametrize(
    "arguments", [["explain", "F219"], ["--help"], ["version", "--json"]], ids=["explain", "help", "json"]
)
def test_a_full_disk_behind_the_output_is_said(arguments: list[str]) -> None:
    with open("/dev/full", "w") as full:  # noqa: PTH123  # a device
        command = [sys.executable, "-m", "flowctl", *arguments]
        result = subprocess.run(command, stdout=full, stderr=subprocess.PIPE, text=True, check=False)
    assert result.returncode == 1
    assert result.stderr.startswith("Error [C120] the output cannot be written: no space left on device")


@pytest.mark.parametrize("stream", ["0<&-", ">&-", "2>&-", "0<&- >&- 2>&-"], ids=["in", "out", "err", "all"])
def test_a_stream_that_is_closed_is_no_defect(stream: str, tmp_path: Path) -> None:
    command = f"{shlex.quote(sys.executable)} -m flowctl init dev {stream}"
    result = subprocess.run(["sh", "-c", command], cwd=tmp_path, capture_output=True, text=True, check=False)
    assert result.returncode == 0
    assert "Traceback" not in result.stderr
    assert (tmp_path / "environments/dev.yaml").exists()


@pytest.mark.parametrize("content", [None, b"\xff\xfe"], ids=["missing", "binary"])
def test_a_text_for_an_issue_that_cannot_be_read_is_said(content: bytes | None, tmp_path: Path) -> None:
    if content is not None:
        (tmp_path / "drift.md").write_bytes(content)
    known = {"GITHUB_ACTIONS": "true", "GITHUB_TOKEN": "t", "GITHUB_REPOSITORY": "me/flows"}
    result = flowctl("ci", "issue", "--about", "dev", "--text", "drift.md", cwd=tmp_path, env=known)
    assert result.returncode == 64
    assert result.stderr.startswith("Error [C144] cannot read the text drift.md: ")
    named = flowctl("ci", "issue", "--about", "x --> y", "--text", "drift.md", cwd=tmp_path, env=known)
    assert "[C109]" in named.stderr


def test_a_plan_file_that_is_none_is_named(tmp_path: Path) -> None:
    (tmp_path / "plan.json").write_text("{")
    assert "--> plan.json" in flowctl("show", "plan.json", cwd=tmp_path).stderr


def test_an_option_without_its_value_names_its_command() -> None:
    assert flowctl("plan", "--select").stderr.endswith("Try 'flowctl plan --help'.\n")


@pytest.mark.parametrize(
    "arguments",
    [
        ["run", "dev:dev/hello", "-e", "prod"],
        ["show", "dev:dev/hello", "-e", "prod"],
        ["blame", "dev:dev/hello", "-e", "prod"],
        ["history", "prod", "dev:dev/hello"],
        ["graph", "prod", "dev:dev/hello"],
    ],
    ids=lambda one: one[0],
)
def test_two_environments_are_not_chosen_from(arguments: list[str], tmp_path: Path) -> None:
    for name in ("dev", "prod"):
        flowctl("init", name, cwd=tmp_path)
    refused = flowctl(*arguments, cwd=tmp_path)
    assert refused.returncode == 64
    assert "[C124]" in refused.stderr
    assert not (tmp_path / ".flowctl").exists()


def test_json_is_no_format_of_a_picture() -> None:
    found = json.loads(flowctl("graph", "dev", "--json", "--format", "svg").stdout)
    assert found["diagnostics"][0]["code"] == "C105"


@pytest.mark.parametrize(
    "arguments", [("plan", "--json", "--outt", "x"), ("executions", "list", "--limit", "0", "--json")]
)
def test_a_usage_error_is_json_where_json_was_asked_for(arguments: tuple[str, ...]) -> None:
    result = flowctl(*arguments)
    assert (result.returncode, result.stderr) == (64, "")
    [problem] = json.loads(result.stdout)["diagnostics"]
    assert problem["code"] == "C100"


def test_pages_are_explained_to_programs() -> None:
    listed = json.loads(flowctl("explain", "--json").stdout)
    assert {"code": "C100", "summary": "the command line is wrong"} in listed["codes"]
    page = json.loads(flowctl("explain", "h5", "--json").stdout)
    assert (page["format"], page["code"]) == ("1.0", "H5") and page["text"].startswith("# H5: ")
