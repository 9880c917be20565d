"""Scripts in real processes."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest

from flowctl.engine.executor.lifecycle import actions
from flowctl.model.environment import Dialect
from tests.engine.running import Engine, engine, flow, output

PROCESS = "taskRunner: {type: io.kestra.plugin.core.runner.Process}"
SHELL = "io.kestra.plugin.scripts.shell"


def commands(*lines: str, more: str = "", id_: str = "t", kind: str = f"{SHELL}.Commands") -> str:
    listed = "".join(f"      - {json.dumps(line)}\n" for line in lines)
    return f"  - id: {id_}\n    type: {kind}\n    {PROCESS}\n{more}    commands:\n{listed}"


def script(language: str, text: str, more: str = "") -> str:
    body = "".join(f"      {line}\n" for line in text.splitlines())
    return (
        f"  - id: t\n    type: io.kestra.plugin.scripts.{language}.Script\n    {PROCESS}\n{more}    script: |\n{body}"
    )


def test_outputs_metrics_and_logs_come_by_the_protocol(running: Engine) -> None:
    lines = (
        "echo plain",
        "echo bad >&2",
        """echo '::{"outputs": {"a": 1, "b": {"c": [true]}}}::'""",
        """echo '::{"outputs": {"a": 2}, "metrics": [{"name": "rows", "type": "counter", "value": 3}]}::'""",
        """echo '::{"logs": [{"level": "WARN", "message": "look"}]}::'""",
    )
    ended = running.run(flow(commands(*lines)))
    assert output(ended, "t") == {"exitCode": 0, "vars": {"a": 2, "b": {"c": [True]}}, "outputFiles": {}}
    assert sorted(running.messages(ended.id)) == ["ERROR t: bad", "INFO t: plain", "WARN t: look"]
    metrics = running.store.read(lambda c: c.execute("SELECT name, type, value FROM metrics").fetchall())
    assert metrics == [("rows", "counter", 3.0)]


@pytest.mark.parametrize(
    "message",
    [
        r'{"outputs": {"x": "\ud800"}}',
        r'{"logs": [{"message": "\udfff"}]}',
        r'{"metrics": [{"name": "\ud800", "type": "counter", "value": 1}]}',
    ],
)
def test_half_a_surrogate_pair_is_no_message(running: Engine, message: str) -> None:
    """It is JSON and yet no text: the store could never take it."""
    ended = running.run(flow(script("python", f"print(r'::{message}::')")))
    assert ended.state == "SUCCESS"
    assert running.messages(ended.id) == [f"WARN t: Invalid outputs '{message}'"]
    assert output(ended, "t")["vars"] == {}


@pytest.mark.parametrize(
    "wish", ["", "    warningOnStdErr: true\n", "    warningOnStdErr: false\n"], ids=["", "on", "off"]
)
@pytest.mark.parametrize("dialect", ["lenient", "2.0", "1.3"])
def test_lines_on_standard_error_do_not_change_the_state(tmp_path: Path, dialect: Dialect, wish: str) -> None:
    """Seen on a real 2.0 and a real 1.3, whatever `warningOnStdErr` says."""
    with engine(tmp_path, dialect) as running:
        ended = running.run(flow(commands("echo err >&2", more=wish)))
        assert ended.state == "SUCCESS"
        assert running.messages(ended.id) == ["ERROR t: err"]


def test_a_failing_exit_code_keeps_the_outputs(running: Engine) -> None:
    ended = running.run(flow(commands("""echo '::{"outputs": {"a": 1}}::'""", "exit 7")))
    assert ended.state == "FAILED"
    assert output(ended, "t") == {"exitCode": 7, "vars": {"a": 1}, "outputFiles": {}}


def test_files_go_in_and_out(running: Engine) -> None:
    more = "    inputFiles:\n      data/in.txt: hello\n    outputFiles: ['*.out', 'sub/**']\n"
    text = commands("cat data/in.txt > a.out", "mkdir -p sub/x", "echo 2 > sub/x/b", "echo no > c.txt", more=more)
    read = (
        "  - id: r\n    type: io.kestra.plugin.core.debug.Return\n"
        "    format: \"{{ read(outputs.t.outputFiles['a.out']) }}\"\n"
    )
    ended = running.run(flow(text + read))
    files = output(ended, "t")["outputFiles"]
    assert isinstance(files, dict)
    assert set(files) == {"a.out", "sub/x/b"}
    assert output(ended, "r") == {"value": "hello"}


def test_output_files_of_one_name_are_kept_apart(running: Engine) -> None:
    text = commands("mkdir d e", "for f in a d/a e/a; do echo $f > $f; done", more="    outputFiles: ['**']\n")
    read = "".join(f"{{{{ read(outputs.t.outputFiles['{name}']) }}}}" for name in ("a", "d/a", "e/a"))
    ended = running.run(flow(text + f"  - id: r\n    type: io.kestra.plugin.core.debug.Return\n    format: {read!r}\n"))
    assert output(ended, "r") == {"value": "a\nd/a\ne/a\n"}


def test_the_old_output_directory_is_kept_whole(running: Engine) -> None:
    lines = ("mkdir -p {{ outputDir }}/sub", "echo 1 > {{ outputDir }}/a", 'echo 2 > "$OUTPUT_DIR/sub/b"', "echo 3 > c")
    more = "    outputDirectory: true\n    outputFiles: ['c*']\n"
    kept = output(running.run(flow(commands(*lines, more=more))), "t")["outputFiles"]
    assert isinstance(kept, dict)
    assert sorted(kept) == ["a", "c", "sub/b"]


def test_an_input_file_may_not_leave_the_directory(running: Engine) -> None:
    ended = running.run(flow(commands("true", more="    inputFiles: {../../evil: x}\n")))
    assert ended.state == "FAILED"
    assert "leads outside" in running.messages(ended.id)[0]


def test_a_process_sees_nothing_of_the_server(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FLOWCTL_SERVER_TOKEN", "very-secret-token")
    monkeypatch.setenv("SECRET_X", "c2VjcmV0")
    with engine(tmp_path / "data") as running:
        ended = running.run(flow(commands("env", more="    env: {MINE: '{{ flow.id }}', N: 3, B: true}\n")))
        names = {line.message.partition("=")[0] for line in running.lines(ended.id)}
        seen = {line.message for line in running.lines(ended.id)}
    assert not {name for name in names if name.startswith(("FLOWCTL", "SECRET", "KESTRA"))}
    assert {"MINE=f", "N=3", "B=true"} <= seen
    assert names <= {
        "MINE",
        "N",
        "B",
        "PWD",
        "OLDPWD",
        "SHLVL",
        "_",
        "WORKING_DIR",
        "PATH",
        "HOME",
        "LANG",
        "LC_ALL",
        "TZ",
        "TMPDIR",
        "USER",
        "LOGNAME",
        "SHELL",
    }


def test_a_time_limit_ends_the_whole_process_group(running: Engine, tmp_path: Path) -> None:
    note = tmp_path / "pid"
    script = f"(trap '' TERM; sleep 60) & echo $! > {note}; echo ready; wait"
    id_ = running.start(*running.save(flow(commands(script, more="    timeout: PT59M59.5S\n"))))
    running.wait(id_, lambda _: bool(running.lines(id_)))
    running.an_hour_passes(id_)
    ended = running.wait(id_)
    assert ended.state == "FAILED"
    assert output(ended, "t") == {}
    assert "ERROR t: Timeout after 00:59:59.500" in running.messages(ended.id)
    assert ends(int(note.read_text()))


def test_kill_ends_the_whole_process_group(running: Engine, tmp_path: Path) -> None:
    note = tmp_path / "pid"
    text = commands(f"sleep 60 & echo $! > {note}; echo ready; wait")
    id_ = running.start(*running.save(flow(text)))
    running.wait(id_, lambda _: bool(running.lines(id_)))
    running.command(id_, actions.kill)
    ended = running.wait(id_)
    assert ended.state == "KILLED"
    assert ends(int(note.read_text()))


def ends(pid: int, seconds: float = 10) -> bool:
    """Whether a process that was sent SIGKILL is gone soon: the signal is sent before it has done its work."""
    deadline = time.monotonic() + seconds
    while alive(pid):
        if time.monotonic() > deadline:
            return False
    return True


def alive(pid: int) -> bool:
    """Whether a process runs; a zombie that nobody has waited for does not."""
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    found = subprocess.run(["ps", "-o", "stat=", "-p", str(pid)], capture_output=True, text=True, check=False)
    return found.stdout.strip() not in ("", "Z", "Zs")


def test_lines_are_in_the_log_while_the_process_runs(running: Engine, tmp_path: Path) -> None:
    gate = tmp_path / "gate"
    os.mkfifo(gate)
    id_ = running.start(*running.save(flow(commands("echo early", f"cat {gate}"))))
    running.wait(id_, lambda _: bool(running.lines(id_)))
    assert [line.message for line in running.lines(id_)] == ["early"]
    assert not running.read(id_).terminal
    opener = threading.Thread(target=lambda: gate.write_text("go\n"))
    opener.start()
    assert running.wait(id_).state == "SUCCESS"
    opener.join()


def test_binary_output_and_long_lines_do_no_harm(running: Engine) -> None:
    ended = running.run(flow(commands("printf '\\377\\000x\\n'", "head -c 200000 /dev/zero | tr '\\0' a", "echo")))
    assert ended.state == "SUCCESS"
    assert sum(len(line.message) for line in running.lines(ended.id)) >= 200000
    assert max(len(line.message) for line in running.lines(ended.id)) <= 10 * 1024


def test_a_long_message_is_one_all_the_same(running: Engine) -> None:
    text = "import sys; sys.stdout.write('::' + '{\"outputs\": {\"x\": \"' + 'a' * 1_000_000 + '\"}}' + '::')"
    ended = running.run(flow(script("python", text)))
    assert output(ended, "t")["vars"] == {"x": "a" * 1_000_000}
    assert running.lines(ended.id) == []


def test_the_working_directory_is_removed(running: Engine) -> None:
    ended = running.run(flow(commands("touch x")))
    assert ended.state == "SUCCESS"
    assert not list(running.executor.services.work.iterdir())


def test_python_scripts_have_json_words_and_arguments(running: Engine) -> None:
    text = 'import json\nprint(json.dumps({"a": true, "b": null, "c": false}))\nprint("{{ flow.id }}")'
    ended = running.run(flow(script("python", text)))
    assert [line.message for line in running.lines(ended.id)] == ['{"a": true, "b": null, "c": false}', "f"]


def test_an_interpreter_gets_everything_as_one_argument(running: Engine) -> None:
    more = f"    interpreter: [{sys.executable}, -c]\n"
    ended = running.run(flow(commands("import sys", "print(len(sys.argv))", more=more)))
    assert [line.message for line in running.lines(ended.id)] == ["1"]


def test_without_fail_fast_later_commands_run(running: Engine) -> None:
    ended = running.run(flow(commands("false", "echo on", more="    failFast: false\n")))
    assert ended.state == "SUCCESS"
    stopped = running.run(flow(commands("false", "echo on")))
    assert (stopped.state, running.messages(stopped.id)[0].partition(":")[0]) == ("FAILED", "ERROR t")


def test_memory_is_limited(running: Engine) -> None:
    more = "    taskRunner:\n      type: io.kestra.plugin.scripts.runner.docker.Docker\n      memory: {memory: 200MB}\n"
    text = f"  - id: t\n    type: io.kestra.plugin.scripts.python.Script\n{more}    script: 'x = bytearray(10**9)'\n"
    ended = running.run(flow(text))
    assert ended.state == "FAILED"
    assert any("MemoryError" in message for message in running.messages(ended.id))


def test_a_stored_file_in_a_command_becomes_a_local_path(running: Engine) -> None:
    write = "  - {id: w, type: io.kestra.plugin.core.storage.Write, content: inside}\n"
    ended = running.run(flow(write + commands("cat {{ outputs.w.uri }}")))
    assert [line.message for line in running.lines(ended.id)] == ["inside"]


def test_the_servers_own_files_are_no_outputs(running: Engine) -> None:
    ended = running.run(flow(script("python", 'open("made", "w").close()', more="    outputFiles: ['**']\n")))
    files = output(ended, "t")["outputFiles"]
    assert isinstance(files, dict)
    assert set(files) == {"made"}


def test_commands_before_run_first_and_end_the_task_when_they_fail(running: Engine) -> None:
    ended = running.run(flow(commands("echo $WORD", more="    beforeCommands: ['export WORD=first']\n")))
    assert [line.message for line in running.lines(ended.id)] == ["first"]
    failed = running.run(flow(commands("echo never", more="    beforeCommands: ['exit 3']\n")))
    assert failed.state == "FAILED"
    assert not any("never" in message for message in running.messages(failed.id))


def test_the_directories_of_a_script_can_be_named(running: Engine) -> None:
    lines = ("test '{{ workingDir }}' = \"$(pwd)\" && echo here", "echo kept > '{{ outputDir }}/made.txt'")
    ended = running.run(flow(commands(*lines, more="    outputFiles: ['*.txt']\n")))
    assert [line.message for line in running.lines(ended.id)] == ["here"]
    files = output(ended, "t")["outputFiles"]
    assert isinstance(files, dict)
    assert set(files) == {"made.txt"}
