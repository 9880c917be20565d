"""Raises the processes of tasks: a small, single-threaded program that forks, so that the server need not.

Run as `python -u child.py SOCKET` by the interpreter that scripts are for. It imports nothing that an interpreter has
not loaded anyway but what it forgets again in each child, and it has to run under any Python from 3.8 on.

A request is eight bytes of length (sent along with two descriptors: standard output and error), then a marshalled
map: `id`, `directory`, `environment`, `limits` (pairs of resource and value), `group` (a control group's directory, or
nothing), `processors` (their numbers; none: all), `user` (ids of the user and its groups, or nothing), and either
`script` (a file name, run as `python -u NAME` would) or `arguments` (a program). Answers are 16 bytes: id (8), kind
(1), value (7, signed): `s` started with this process id, `e` ended with this exit code (negative: the signal), `x` not
started (errno).

A child leads a session of its own. At its end what is left of its group is killed, and so are its daemons: what it
has orphaned becomes its own child (a "subreaper", prctl(2)), and at its end this program's, which did not start it.
When the server is gone, so are all children, and this program.
"""

from __future__ import annotations

import sys

LOADED = set(sys.modules) - {"__future__"}
PR_SET_CHILD_SUBREAPER = 36

import _signal  # type: ignore[import-not-found]  # noqa: E402  # typeshed has no stub of it
import _socket  # noqa: E402
import _thread  # noqa: E402
import atexit  # noqa: E402
import gc  # noqa: E402
import marshal  # noqa: E402
import os  # noqa: E402
import select  # noqa: E402

TYPE_CHECKING = False
if TYPE_CHECKING:
    from types import ModuleType
    from typing import Any

    Request = dict[str, Any]  # marshalled by nursery.py

LOADER = type(globals()["__loader__"])
HARMLESS = set(getattr(sys, "stdlib_module_names", ())) - {"threading"}
ORIGINAL_INT = _signal.getsignal(_signal.SIGINT)


def answer(sock: _socket.socket, id_: int, kind: bytes, value: int) -> None:
    sock.sendall(id_.to_bytes(8, "big") + kind + value.to_bytes(7, "big", signed=True))


def receive(sock: _socket.socket) -> tuple[Request, list[int]] | None:
    """One request and its descriptors; None when the server is gone."""
    head, ancillary, _, _ = sock.recvmsg(8, _socket.CMSG_SPACE(8))
    if not head:
        return None
    (_, _, data) = ancillary[0]
    handles = [int.from_bytes(data[at : at + 4], sys.byteorder) for at in (0, 4)]
    length, parts = int.from_bytes(head, "big"), []
    while length:
        part = sock.recv(min(length, 1 << 20))
        if not part:
            return None
        parts.append(part)
        length -= len(part)
    return marshal.loads(b"".join(parts)), handles


def adopt_orphans() -> None:
    """Become the parent of all processes below whose own has ended; nothing where that cannot be."""
    try:
        import _ctypes  # a fraction of what `ctypes` loads

        program = _ctypes.dlopen(None, 0)  # type: ignore[arg-type]  # as dlopen(3): the program itself
        prctl = _ctypes.dlsym(program, "prctl")
        _ctypes.call_function(prctl, (PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0))
    except (ImportError, AttributeError, OSError):
        return


def become(request: Request, handles: list[int], sock: _socket.socket, wake: tuple[int, int]) -> None:
    """In the child: the session, directory, standard streams and environment that were asked for."""
    os.setsid()
    adopt_orphans()
    _signal.set_wakeup_fd(-1)
    _signal.signal(_signal.SIGCHLD, _signal.SIG_DFL)
    _signal.signal(_signal.SIGINT, ORIGINAL_INT)
    for handle in wake:
        os.close(handle)
    for target, handle in enumerate(handles, 1):
        os.dup2(handle, target)
        os.close(handle)
    os.chdir(request["directory"])
    if request["group"]:
        with open(request["group"] + "/cgroup.procs", "w") as members:  # noqa: PTH123
            members.write("0")
    if request["processors"]:
        os.sched_setaffinity(0, request["processors"])
    for kind, value in request["limits"]:
        import resource

        resource.setrlimit(kind, (value, value))
    if request["user"]:
        uid, groups = request["user"]
        os.setgroups(groups)
        os.setgid(groups[0])
        os.setuid(uid)
    answer(sock, request["id"], b"s", os.getpid())
    if "script" in request:
        sock.close()


def start(request: Request, handles: list[int], sock: _socket.socket, wake: tuple[int, int]) -> int:
    """Fork. Returns the process id in the parent and 0 in a child that is to run a script."""
    pid = os.fork()
    if pid:
        for handle in handles:
            os.close(handle)
        return pid
    try:
        become(request, handles, sock, wake)
        if "script" in request:
            os.environ.clear()
            os.environ.update(request["environment"])
            return 0
        program = request["arguments"][0]
        for number in (_signal.SIGPIPE, _signal.SIGXFSZ):  # an interpreter ignores them; programs must not
            _signal.signal(number, _signal.SIG_DFL)
        os.execvpe(program, request["arguments"], request["environment"])
    except OSError as error:
        answer(sock, request["id"], b"x", error.errno or 1)
    finally:
        if "script" not in request:
            os._exit(127)
    os._exit(127)


def kill(pid: int) -> None:
    """End a whole group, if there is any of it left."""
    try:
        os.killpg(pid, _signal.SIGKILL)
    except OSError:
        return


def offspring() -> list[int]:
    """All processes whose parent this one is, if the system tells."""
    try:
        with open("/proc/self/task/%d/children" % os.getpid()) as found:  # noqa: PTH123, UP031
            return [int(pid) for pid in found.read().split()]
    except OSError:  # not every kernel has the list
        names = os.listdir("/proc") if os.path.isdir("/proc") else []  # noqa: PTH112, PTH208
        return [int(name) for name in names if name.isdigit() and parent(name) == os.getpid()]


def parent(pid: str) -> int:
    """The parent of a process; 0 when it is gone."""
    try:
        with open("/proc/%s/stat" % pid, "rb") as found:  # noqa: PTH123, UP031
            return int(found.read().rpartition(b")")[2].split()[1])
    except OSError:
        return 0


def kill_orphans(children: dict[int, int]) -> None:
    """End what ended children have left in other sessions. What they leave in turn is seen when they are buried."""
    for pid in offspring():
        try:
            group = os.getpgid(pid)
            if pid not in children:
                os.kill(pid, _signal.SIGKILL)
        except OSError:
            continue
        if not {pid, group} & (children.keys() | {os.getpgrp()}):
            kill(group)


def bury(children: dict[int, int], sock: _socket.socket) -> None:
    """Take leave of the children that have ended, and of what they left behind."""
    while True:
        try:
            found = os.waitid(os.P_ALL, 0, os.WEXITED | os.WNOHANG | os.WNOWAIT)
        except ChildProcessError:
            return
        if found is None:
            return
        if found.si_pid in children:
            kill(found.si_pid)
        kill_orphans(children)
        _, status = os.waitpid(found.si_pid, 0)
        code = -os.WTERMSIG(status) if os.WIFSIGNALED(status) else os.WEXITSTATUS(status)
        if found.si_pid in children:
            answer(sock, children.pop(found.si_pid), b"e", code)


def end_all(children: dict[int, int]) -> None:
    """End every process below this one."""
    for pid in children:
        kill(pid)
    while True:
        kill_orphans({})
        try:
            os.waitpid(-1, 0)
        except ChildProcessError:
            return


def serve(handle: int) -> Request:
    """Raise children until the server is gone. Returns only in a child that is to run a script: its request."""
    sock = _socket.socket(fileno=handle)
    wake = os.pipe()
    for end in wake:
        os.set_blocking(end, False)
    _signal.signal(_signal.SIGCHLD, lambda *_: None)
    _signal.signal(_signal.SIGINT, _signal.SIG_IGN)
    _signal.set_wakeup_fd(wake[1], warn_on_full_buffer=False)
    children: dict[int, int] = {}
    adopt_orphans()
    gc.freeze()  # a child that collects garbage would copy every page of what is here already
    try:
        while True:
            ready, _, _ = select.select([handle, wake[0]], [], [])
            if wake[0] in ready:
                os.read(wake[0], 4096)
                bury(children, sock)
            if handle in ready:
                found = receive(sock)
                if found is None:
                    break
                pid = start(found[0], found[1], sock, wake)
                if pid == 0:
                    return found[0]
                children[pid] = found[0]["id"]
    except OSError:
        pass
    end_all(children)
    os._exit(0)


def prepare(request: Request) -> tuple[ModuleType, str]:
    """Make the interpreter look as if it had been started for the script. Returns the script's module and path."""
    directory, name = os.getcwd(), request["script"]  # noqa: PTH109
    path = os.path.join(directory, name)  # noqa: PTH118
    sys.argv[:] = [name]
    sys.path[0] = directory
    sys.path_importer_cache.clear()
    if hasattr(sys, "orig_argv"):
        sys.orig_argv[:] = [sys.executable, "-u", name]
    for loaded in set(sys.modules) - LOADED:
        del sys.modules[loaded]
    main = type(sys)("__main__")
    main.__dict__.update(
        __file__=path,
        __cached__=None,
        __builtins__=__builtins__,
        __loader__=LOADER("__main__", path),
        __annotations__={},
    )
    sys.modules["__main__"] = main
    return main, path


def silent(*_: object) -> None:
    """The exception has been shown already."""


def streams_flushed() -> bool:
    """Whether nothing is left in the standard streams, and they are the interpreter's own."""
    try:
        for shown, own in ((sys.stdout, sys.__stdout__), (sys.stderr, sys.__stderr__)):
            if shown is not own or shown is None:
                return False
            shown.flush()
    except (OSError, ValueError):
        return False
    return True


def leave_early() -> None:
    """End the process the way an interpreter ends, but for giving back memory that is about to go anyway, which takes
    as long as all the rest. Returns when the script has loaded anything that may want to notice its end."""
    if any(name not in LOADED and name.partition(".")[0] not in HARMLESS for name in sys.modules):
        return
    if _thread._count() or atexit._ncallbacks() or b"async" in TEXT or b"warn" in TEXT or not streams_flushed():
        return
    gc.collect()  # sorts what is left by who holds what, so that a file is written out before it is closed
    del globals()["MAIN"], sys.modules["__main__"]
    gc.collect()  # what the script left behind sees its end: files are written out, finalisers run
    os._exit(0)  # the streams of `-u` keep nothing back


# At the top, so that the end of the script is the end of the interpreter: threads, exit handlers, flushing.
MAIN, PATH = prepare(serve(int(sys.argv[1])))
try:
    with open(PATH, "rb") as FILE:  # noqa: PTH123
        TEXT = FILE.read()
    CODE = compile(TEXT, PATH, "exec", dont_inherit=True)
    exec(CODE, MAIN.__dict__)
    leave_early()
    del MAIN  # only the interpreter knows of it now, as it should
except SystemExit:
    raise
except BaseException as ERROR:
    ERROR.__traceback__ = ERROR.__traceback__ and ERROR.__traceback__.tb_next  # without this program's own frame
    sys.last_type, sys.last_value, sys.last_traceback = type(ERROR), ERROR, ERROR.__traceback__
    sys.excepthook(type(ERROR), ERROR, ERROR.__traceback__)
    if isinstance(ERROR, KeyboardInterrupt):
        sys.excepthook = silent
        raise
    sys.exit(1)
