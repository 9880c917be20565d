"""A script in a fork of a warm interpreter behaves as it does in an interpreter of its own."""
# ruff: noqa: E501  # a script stands on one line

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest

from flowctl.engine.plugins.scripts import process, warm
from flowctl.engine.zygote import Nursery

SCRIPTS = {
    "prints": "print('one'); import sys; sys.stderr.write('two\\n'); print('é ☃')",
    "identity": "import sys; print(__name__, __file__, __package__, __doc__, __annotations__, sys.argv, sys.path, "
    "sys.flags, sys.executable, sys.orig_argv)",
    "globals": "print(sorted(globals()))",
    "docstring": "'''words'''\nprint(__doc__)",
    "environment": "import os; print(sorted(os.environ.items())); os.system('env | sort')",
    "directory": "import os; print(os.getcwd(), sorted(os.listdir())); import neighbour; print(neighbour.__file__)",
    "shadow": "import select_shadow, json; print(json.dumps({}))",
    "streams": "import sys, os, stat\nfor s in (sys.stdin, sys.stdout, sys.stderr):\n"
    "  print(s.name, s.mode, s.encoding, s.errors, s.line_buffering, s.write_through, s.seekable(), "
    "stat.S_IFMT(os.fstat(s.fileno()).st_mode))\nprint(repr(sys.stdin.read()))",
    "handles": "import os\nfor fd in range(3, 64):\n  try:\n    os.fstat(fd); print('open', fd)\n  except OSError: pass",
    "signals": "import signal\nprint([(int(s), str(signal.getsignal(s))[:20]) for s in (1, 2, 10, 13, 15, 17, 25)], "
    "signal.pthread_sigmask(0, []))",
    "session": "import os; print(os.getpid() == os.getpgid(0) == os.getsid(0), os.umask(0o22))",
    "exit none": "import sys; sys.exit()",
    "exit number": "import sys; sys.exit(7)",
    "exit large": "import sys; sys.exit(300)",
    "exit negative": "import sys; sys.exit(-1)",
    "exit text": "import sys; sys.exit('the reason')",
    "exit at once": "import os; print('lost?'); os._exit(9)",
    "raises": "def deep():\n  raise ValueError('bad ' + 'value')\n\ndeep()",
    "chained": "try:\n  1/0\nexcept ZeroDivisionError as e:\n  raise RuntimeError('outer') from e",
    "syntax": "print('x'\nfor",
    "syntax of an import": "import broken",
    "latin": b"# -*- coding: latin-1 -*-\nprint('\xe9')",
    "group of exceptions": "raise ExceptionGroup('many', [ValueError(1), TypeError(2)])",
    "own hook": "import sys\nsys.excepthook = lambda t, v, tb: print('hook', t.__name__, tb.tb_lineno)\nraise KeyError('k')",
    "interrupted": "raise KeyboardInterrupt",
    "kills itself": "import os, signal; print('before'); os.kill(os.getpid(), signal.SIGTERM)",
    "crashes": "import os, signal; os.kill(os.getpid(), signal.SIGSEGV)",
    "at exit": "import atexit; atexit.register(print, 'bye'); atexit.register(lambda: 1/0)",
    "threads": "import threading\nt = threading.Thread(target=lambda: (threading.main_thread().join(), print('late')))\nt.start()\n"
    "print(threading.current_thread() is threading.main_thread(), threading.active_count())",
    "a thread raises": "import threading\nt = threading.Thread(target=lambda: 1/0, name='t'); t.start(); t.join()",
    "finaliser": "class A:\n  def __del__(self): print('gone')\na = A()",
    "an open file": "f = open('left.txt', 'w'); f.write('kept'); import atexit; "
    "atexit.register(lambda: print(repr(open('left.txt').read())))",
    "an open file in a cycle": "import json\nclass A: pass\na = A(); a.me = a; a.f = open('left.txt', 'w'); a.f.write('kept')",
    "finalisers use what is there": "import json\nNAME = 'n'\nclass A:\n  def __del__(self): print(NAME, json.dumps([1]))\n"
    "a = A(); b = [A()]; b.append(b)\n@__import__('functools').lru_cache\ndef f(x): return A()\nf(1)",
    "finaliser in another module": "import neighbour\nclass A:\n  def __del__(self): print('gone')\nneighbour.a = A()",
    "own output": "import sys, io\nsys.stdout = io.StringIO(); print('nowhere')",
    "output closed": "import sys; sys.stdout.close()",
    "output broken": "import os; os.close(1)",
    "a raw thread": "import _thread; gate = _thread.allocate_lock(); gate.acquire()\n"
    "_thread.start_new_thread(lambda: (gate.acquire(), print('never')), ()); print('end')",
    "exit handler exits": "import atexit, sys; atexit.register(sys.exit, 4)",
    "exit handler prints after the rest": "import atexit\nclass A:\n  def __del__(self): print('second')\na = A()\n"
    "atexit.register(print, 'first')",
    "temporary": "import tempfile, os; d = tempfile.TemporaryDirectory(dir='.'); open(d.name + '/x', 'w').write('1')",
    "generator": "def g():\n  try:\n    yield 1\n  finally:\n    print('closed')\nx = g(); next(x)",
    "coroutine": "async def f(): pass\nx = f()",
    "unraisable": "class A:\n  def __del__(self): raise ValueError('in del')\na = A(); del a",
    "warns": "import warnings; warnings.warn('careful')",
    "pickles": "import pickle\nclass A: pass\nprint(pickle.dumps(A()), type(pickle.loads(pickle.dumps(A()))).__module__)",
    "pool": "from concurrent.futures import ProcessPoolExecutor\ndef f(x): return x * x\n"
    "if __name__ == '__main__':\n  with ProcessPoolExecutor(2) as p: print(list(p.map(f, range(4))))",
    "spawn": "import multiprocessing as m\ndef f(): print('child', __name__, flush=True)\n"
    "if __name__ == '__main__':\n  p = m.get_context('spawn').Process(target=f); p.start(); p.join(); print(p.exitcode)",
    "subprocess": "import subprocess, sys; print(subprocess.run([sys.executable, '-c', 'print(6)'], capture_output=True))",
    "import main": "import __main__; print(__main__.__dict__ is globals())",
    "dataclass": "from __future__ import annotations\nfrom dataclasses import dataclass\n@dataclass\nclass A:\n  x: int\n"
    "print(A(1))\nimport typing; print(typing.get_type_hints(A))",
    "future does not leak": "def f(x: 1 + 1): pass\nprint(f.__annotations__)",
    "asserts": "assert False, 'no'",
    "input": "input()",
    "broken pipe": "import os, sys\nr, w = os.pipe(); os.close(r)\ntry:\n  os.write(w, b'x')\nexcept BrokenPipeError: print('EPIPE')",
    "logging": "import logging; logging.basicConfig(format='%(filename)s:%(lineno)d %(message)s'); logging.warning('w')",
    "limits": "import resource; print(resource.getrlimit(resource.RLIMIT_NOFILE), resource.getrlimit(resource.RLIMIT_CORE))",
    "site": "import site, sysconfig; print(site.ENABLE_USER_SITE, sysconfig.get_paths()['purelib'])",
}  # fmt: skip


def text_of(script: str | bytes) -> bytes:
    return script if isinstance(script, bytes) else script.encode()


@pytest.fixture(scope="module")
def nursery() -> Iterator[Nursery]:
    found = Nursery(sys.executable, process.base_environment(os.environ))
    yield found
    found.close()


@pytest.fixture
def directory(tmp_path: Path) -> Path:
    (tmp_path / "neighbour.py").write_text("x = 1\n")
    (tmp_path / "select_shadow.py").write_text("import marshal, select\n")
    (tmp_path / "broken.py").write_text("def f(:\n")
    return tmp_path


def readable(output: bytes) -> str:
    """Without the addresses of objects, which differ from run to run."""
    return re.sub(r"0x[0-9a-f]+", "0x", output.decode("utf-8", "replace"))


def cold(directory: Path, environment: Mapping[str, str]) -> tuple[int, str, str]:
    done = subprocess.run(
        [sys.executable, "-u", "script.py"],
        cwd=directory,
        env=dict(environment),
        stdin=subprocess.DEVNULL,
        capture_output=True,
        start_new_session=True,
        check=False,
    )
    return done.returncode, readable(done.stdout), readable(done.stderr)


def forked(nursery: Nursery, directory: Path, environment: Mapping[str, str]) -> tuple[int, str, str]:
    child = nursery.start(directory, environment, script="script.py")
    code = child.wait()
    with child.stdout, child.stderr:
        return code, readable(child.stdout.read()), readable(child.stderr.read())


def taken_away(directory: Path, before: set[Path]) -> dict[str, str]:
    """Remove what a script left. Returns the texts of its files."""
    left = sorted(set(directory.iterdir()) - before)
    texts = {path.name: path.read_text() for path in left if path.is_file()}
    for path in left:
        shutil.rmtree(path) if path.is_dir() else path.unlink()
    return texts


@pytest.mark.parametrize("name", SCRIPTS)
def test_the_same_comes_of_it(name: str, nursery: Nursery, directory: Path) -> None:
    (directory / "script.py").write_bytes(text_of(SCRIPTS[name]))
    environment = {**process.base_environment(os.environ), "OWN": "value", "PWD": str(directory)}
    before = set(directory.iterdir())
    expected = cold(directory, environment)
    files = taken_away(directory, before)
    assert forked(nursery, directory, environment) == expected
    assert taken_away(directory, before) == files


def test_what_is_read_at_the_start_or_looks_below_is_not_forked() -> None:
    assert warm.suits("print(1)", ["OWN"])
    for name in ("PYTHONPATH", "PYTHONHASHSEED", "LD_PRELOAD", "LC_ALL", "TZ", "HOME"):
        assert not warm.suits("print(1)", [name])
    for text in ("import inspect", "sys._getframe(1)", "traceback.print_stack()", "print(sys.modules)", "# coding: x"):
        assert not warm.suits(text, [])


def test_the_shell_adds_the_directory(tmp_path: Path) -> None:
    shown = subprocess.run(
        ["/bin/sh", "-c", f"exec {sys.executable} -c 'import os, json; print(json.dumps(dict(os.environ)))'"],
        cwd=tmp_path,
        env={"PATH": os.environ["PATH"]},
        capture_output=True,
        check=True,
    )
    added = {k: v for k, v in json.loads(shown.stdout).items() if k not in ("PATH", "LC_CTYPE")}
    assert warm.shell_variables(str(tmp_path)) == added
