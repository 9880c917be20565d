"""Keeping this process to itself: its environment, memory and open files are not for the tasks that it runs."""

from __future__ import annotations

PR_SET_DUMPABLE = 4


def forbid_inspection() -> bool:
    """Have Linux refuse `/proc/PID/environ`, `mem`, `fd` and tracing of this process to other processes of its user.

    Returns whether it does. A process of the superuser may still look; core dumps are not written any more. Programs
    that this one starts are not concerned.
    """
    try:
        import _ctypes  # a fraction of what `ctypes` loads

        program = _ctypes.dlopen(None, 0)  # type: ignore[arg-type]  # as dlopen(3): the program itself
        return bool(_ctypes.call_function(_ctypes.dlsym(program, "prctl"), (PR_SET_DUMPABLE, 0, 0, 0, 0)) == 0)
    except (ImportError, AttributeError, OSError):
        return False
