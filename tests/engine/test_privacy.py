"""Who may look into a process that keeps to itself: nobody of its own user."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from flowctl.engine import service
from flowctl.engine.settings import Settings

PROGRAM = """
import ctypes, os, signal, sys
from flowctl.engine.privacy import PR_SET_DUMPABLE, forbid_inspection

def drop():
    if os.getuid() == 0:  # the superuser may look anyway
        os.setgroups([])
        os.setgid(65534)
        os.setuid(65534)

def keeper(private):
    reading, writing = os.pipe()
    pid = os.fork()
    if pid == 0:
        drop()
        ctypes.CDLL(None).prctl(PR_SET_DUMPABLE, 1, 0, 0, 0)  # as after the start of a program
        if private:
            assert forbid_inspection()
        os.write(writing, b"x")
        signal.pause()
    os.read(reading, 1)
    return pid

def readable(pid, name):
    looking = os.fork()
    if looking == 0:
        drop()
        try:
            os.listdir(f"/proc/{pid}/fd") if name == "fd" else open(f"/proc/{pid}/{name}", "rb").read(1)
        except OSError:
            os._exit(1)
        os._exit(0)
    return os.waitpid(looking, 0)[1] == 0

pid = keeper(sys.argv[1] == "private")
print([readable(pid, name) for name in ("environ", "mem", "fd")])
os.kill(pid, signal.SIGKILL)
"""


@pytest.mark.parametrize(("how", "seen"), [("open", True), ("private", False)])
def test_only_a_private_process_hides_its_environment(how: str, seen: bool) -> None:
    root = Path(__file__).parents[2]
    done = subprocess.run([sys.executable, "-c", PROGRAM, how], cwd=root, capture_output=True, text=True, timeout=30)
    assert done.returncode == 0, done.stderr
    environ, _, descriptors = done.stdout.strip("[]\n").split(", ")
    assert (environ, descriptors) == (str(seen), str(seen))


def test_a_server_hides_before_it_reads_any_credentials(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    done: list[str] = []
    monkeypatch.setattr(service, "forbid_inspection", lambda: done.append("hidden"))

    def stop(settings: Settings) -> Settings:
        done.append("credentials")
        raise KeyboardInterrupt

    monkeypatch.setattr(service, "with_credentials", stop)
    with pytest.raises(KeyboardInterrupt):
        service.serve(Settings(tmp_path, port=0))
    assert done == ["hidden", "credentials"]
