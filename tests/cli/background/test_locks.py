"""The locks that say whether a server lives, between real processes."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from flowctl.cli.background.locks import hold_alive, is_alive, release, starting, wait_until_dead

HOLDER = """
import sys
from pathlib import Path
from flowctl.cli.background.locks import hold_alive
assert hold_alive(Path(sys.argv[1])) is not None
print("held", flush=True)
sys.stdin.read()
"""


@contextmanager
def holder(state: Path) -> Iterator[subprocess.Popen[bytes]]:
    """Another process that holds the lock until it is killed."""
    process = subprocess.Popen(
        [sys.executable, "-c", HOLDER, str(state)], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    )
    assert process.stdout is not None
    assert process.stdout.readline() == b"held\n"
    with process:
        yield process
        process.kill()


def test_nobody_lives_before_the_first_server(tmp_path: Path) -> None:
    assert not is_alive(tmp_path)
    assert list(tmp_path.iterdir()) == []


def test_a_held_lock_is_life(tmp_path: Path) -> None:
    with holder(tmp_path):
        assert is_alive(tmp_path)
        assert hold_alive(tmp_path) is None


def test_a_killed_process_is_dead_whatever_it_left_behind(tmp_path: Path) -> None:
    with holder(tmp_path) as process:
        process.kill()
        process.wait()
        assert not is_alive(tmp_path)
        handle = hold_alive(tmp_path)
        assert handle is not None
        release(handle)


def test_waiting_for_the_end_returns_when_it_comes(tmp_path: Path) -> None:
    with holder(tmp_path) as process:
        assert not wait_until_dead(tmp_path, 0)
        process.kill()
        assert wait_until_dead(tmp_path, 30)


def test_a_second_starter_waits_for_the_first(tmp_path: Path) -> None:
    code = """
import sys
from pathlib import Path
from flowctl.cli.background.locks import starting
print("asks", flush=True)
with starting(Path(sys.argv[1])):
    print("has it", flush=True)
"""
    with starting(tmp_path):
        process = subprocess.Popen([sys.executable, "-c", code, str(tmp_path)], stdout=subprocess.PIPE)
        assert process.stdout is not None
        assert process.stdout.readline() == b"asks\n"
        assert process.poll() is None
    with process:
        assert process.stdout.readline() == b"has it\n"
