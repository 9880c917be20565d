"""The program that raises processes: groups, limits, deaths on either side."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from flowctl.engine.plugins.scripts import process
from flowctl.engine.zygote import Nursery, NurseryGone, shared
from flowctl.engine.zygote import nursery as nursery_module

HOLD = "import sys\nprint('up')\nsys.stdout.flush()\nimport signal\nsignal.pause()\n"
ENVIRONMENT = process.base_environment(os.environ)


@pytest.fixture
def nursery() -> Iterator[Nursery]:
    found = Nursery(sys.executable, ENVIRONMENT)
    yield found
    found.close()


def script(directory: Path, text: str) -> str:
    (directory / "s.py").write_text(text)
    return "s.py"


def test_programs_are_started_with_what_they_are_given(nursery: Nursery, tmp_path: Path) -> None:
    child = nursery.start(
        tmp_path, {"PATH": os.environ["PATH"], "A": "b"}, arguments=["sh", "-c", "echo $A; pwd; exit 3"]
    )
    assert child.wait() == 3
    assert child.stdout.read().decode().split() == ["b", str(tmp_path)]
    child.close()


@pytest.mark.parametrize("warm", [True, False])
def test_limits_hold(warm: bool, nursery: Nursery, tmp_path: Path) -> None:
    import resource

    name = script(tmp_path, "x = bytearray(300_000_000)\n")
    limits = [(resource.RLIMIT_AS, 200_000_000)]
    if warm:
        child = nursery.start(tmp_path, ENVIRONMENT, script=name, limits=limits)
    else:
        child = nursery.start(tmp_path, ENVIRONMENT, arguments=[sys.executable, name], limits=limits)
    assert child.wait() == 1
    assert b"MemoryError" in child.stderr.read()
    child.close()


def test_what_a_child_leaves_behind_is_killed(nursery: Nursery, tmp_path: Path) -> None:
    text = "import subprocess\np = subprocess.Popen(['sleep', '600'])\nprint(p.pid)\n"
    child = nursery.start(tmp_path, ENVIRONMENT, script=script(tmp_path, text))
    assert child.wait() == 0
    # the pipe ends only when every process that holds it has gone, the sleeping one included
    assert int(child.stdout.read()) > 0
    child.close()


def test_a_signal_reaches_the_group(nursery: Nursery, tmp_path: Path) -> None:
    child = nursery.start(tmp_path, ENVIRONMENT, script=script(tmp_path, HOLD))
    assert child.stdout.readline() == b"up\n"
    child.signal(signal.SIGTERM)
    assert child.wait() == -signal.SIGTERM
    child.close()


def test_a_directory_that_is_not_there_is_an_error(nursery: Nursery, tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        nursery.start(tmp_path / "none", ENVIRONMENT, arguments=["true"])


def test_when_the_program_dies_its_children_end_and_another_takes_over(tmp_path: Path) -> None:
    first = shared(sys.executable, ENVIRONMENT)
    child = first.start(tmp_path, ENVIRONMENT, script=script(tmp_path, HOLD))
    assert child.stdout.readline() == b"up\n"
    os.kill(first.pid, signal.SIGKILL)
    assert child.wait() == -signal.SIGKILL
    assert child.stdout.read() == b""
    child.close()
    with pytest.raises(NurseryGone):
        first.start(tmp_path, ENVIRONMENT, arguments=["true"])
    second = shared(sys.executable, ENVIRONMENT)
    assert second is not first
    again = second.start(tmp_path, ENVIRONMENT, arguments=["true"])
    assert again.wait() == 0
    again.close()


SERVER = """
import os, sys, pathlib
from flowctl.engine.zygote import Nursery
d = pathlib.Path(sys.argv[1])
child = Nursery(sys.executable, dict(os.environ)).start(d, dict(os.environ), script="s.py")
child.stdout.readline()
os.kill(os.getpid(), 9)
"""


def test_when_the_server_is_killed_no_child_survives(tmp_path: Path) -> None:
    # the script holds the pipe open for writing: reading ends when it has ended
    fifo = tmp_path / "fifo"
    os.mkfifo(fifo)
    script(tmp_path, f"hold = open({str(fifo)!r}, 'w')\n{HOLD}")
    with subprocess.Popen([sys.executable, "-c", SERVER, str(tmp_path)]) as server:
        with fifo.open() as reading:
            assert reading.read() == ""
        assert server.wait() == -signal.SIGKILL


def test_an_interpreter_that_is_not_there_is_said() -> None:
    with pytest.raises(NurseryGone):
        Nursery("/no/such/python", ENVIRONMENT)


def daemon(fifo: Path, then: str) -> str:
    """A script that leaves a process in a session of its own, which holds a pipe open; the script goes on with it."""
    lines = (
        "import os, sys",
        "if os.fork() == 0:",
        "  os.setsid()",
        "  if os.fork() == 0:",
        "    os.setsid()",
        "    os.chdir('/')",
        "    null = os.open('/dev/null', os.O_RDWR)",
        "    for handle in range(3):",
        "      os.dup2(null, handle)",
        f"    hold = open({str(fifo)!r}, 'w')",
        "    import signal",
        "    signal.pause()",
        "  os._exit(0)",
        f"with open({str(fifo)!r}) as there: pass",
        then,
    )
    return "\n".join(lines) + "\n"


@pytest.mark.parametrize("warm", [True, False])
@pytest.mark.parametrize("number", [signal.SIGTERM, 0])
def test_a_daemon_ends_with_the_task_that_started_it(warm: bool, number: int, nursery: Nursery, tmp_path: Path) -> None:
    fifo = tmp_path / "fifo"
    os.mkfifo(fifo)
    name = script(tmp_path, daemon(fifo, HOLD if number else "print('up')"))
    if warm:
        child = nursery.start(tmp_path, ENVIRONMENT, script=name)
    else:
        child = nursery.start(tmp_path, ENVIRONMENT, arguments=[sys.executable, name])
    with fifo.open() as reading:
        assert child.stdout.readline() == b"up\n"
        child.signal(number)
        assert child.wait() == -number
        assert reading.read() == ""  # ends when the daemon has ended
    child.close()


def test_daemons_are_found_where_the_kernel_keeps_no_list_of_children(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    program = tmp_path / "child.py"
    text = nursery_module.PROGRAM.read_text()
    assert text.count("/children") == 1
    program.write_text(text.replace("/children", "/no-such-list"))
    monkeypatch.setattr(nursery_module, "PROGRAM", program)
    fifo = tmp_path / "fifo"
    os.mkfifo(fifo)
    raising = Nursery(sys.executable, ENVIRONMENT)
    for ends in (True, False):
        child = raising.start(
            tmp_path, ENVIRONMENT, script=script(tmp_path, daemon(fifo, "print('up')" if ends else HOLD))
        )
        with fifo.open() as reading:
            assert child.stdout.readline() == b"up\n"
            if not ends:
                raising.close()  # which waits for the end of them all
            assert reading.read() == ""
        child.wait()
        child.close()


def test_a_daemon_of_one_task_survives_the_end_of_another(nursery: Nursery, tmp_path: Path) -> None:
    fifo = tmp_path / "fifo"
    os.mkfifo(fifo)
    child = nursery.start(tmp_path, ENVIRONMENT, script=script(tmp_path, daemon(fifo, HOLD)))
    with fifo.open() as reading:
        assert child.stdout.readline() == b"up\n"
        other = nursery.start(tmp_path, ENVIRONMENT, arguments=["true"])
        assert other.wait() == 0
        other.close()
        os.set_blocking(reading.fileno(), False)
        assert reading.buffer.raw.read(1) is None  # still held: nothing to read, and not the end
        os.set_blocking(reading.fileno(), True)
        child.signal(signal.SIGTERM)
        assert reading.read() == ""
    assert child.wait() == -signal.SIGTERM
    child.close()


def test_a_daemon_does_not_survive_the_server(tmp_path: Path) -> None:
    fifo = tmp_path / "fifo"
    os.mkfifo(fifo)
    script(tmp_path, daemon(fifo, HOLD))
    with subprocess.Popen([sys.executable, "-c", SERVER, str(tmp_path)]) as server:
        with fifo.open() as reading:
            assert reading.read() == ""
        assert server.wait() == -signal.SIGKILL
