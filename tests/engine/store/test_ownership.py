from __future__ import annotations

import os
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from flowctl.engine.store import StoreBusy, ownership
from flowctl.engine.store.ownership import LOCK_FILE, Ownership

HOLDER = """
import os, sys
from pathlib import Path
from flowctl.engine.store.ownership import Ownership
held = Ownership(Path(sys.argv[1]))
if os.fork() == 0:  # what is being started when the server is killed has its descriptors for a moment longer
    os.close(1)
    sys.stdin.read()
os._exit(0)
"""


def test_a_lock_that_outlives_its_holder_for_a_moment_is_waited_for(tmp_path: Path) -> None:
    gate, opening = os.pipe()
    root = Path(__file__).parents[3]
    with os.fdopen(opening, "wb") as opener:
        subprocess.run([sys.executable, "-c", HOLDER, str(tmp_path)], stdin=gate, cwd=root, check=True, timeout=30)
        os.close(gate)
        got: list[Ownership] = []
        waiting = threading.Thread(target=lambda: got.append(Ownership(tmp_path)))
        waiting.start()
        waiting.join(0.1)
        assert got == []
        opener.close()
        waiting.join(20)
    [mine] = got
    assert (tmp_path / LOCK_FILE).read_text() == f"{os.getpid()}\n"
    mine.release()


def test_a_living_holder_is_not_waited_for(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ownership, "PAUSE_SECONDS", 1000)
    mine = Ownership(tmp_path)
    with pytest.raises(StoreBusy):
        Ownership(tmp_path)
    mine.release()


def test_a_lock_that_never_comes_free_is_given_up(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ownership, "LONGEST_SECONDS", 0.05)
    mine = Ownership(tmp_path)
    (tmp_path / LOCK_FILE).write_text("nobody\n")
    with pytest.raises(StoreBusy):
        Ownership(tmp_path)
    mine.release()
