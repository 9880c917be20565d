"""Which Python scripts may run in a fork of an interpreter that is started already: those that cannot tell."""

from __future__ import annotations

import os
import re
import subprocess
from collections.abc import Iterable
from functools import lru_cache

# What an interpreter, its loader and its C library read once, when they start.
READ_AT_START = re.compile(
    r"PYTHON.*|LD_.*|LC_.*|LANG|LANGUAGE|TZ|TZDIR|HOME|PATH|MALLOC_.*|GLIBC_.*|GCONV_PATH|DYLD_.*"
)
# Ways to see the frames below the script, or modules and objects that were there before it.
LOOKS_BELOW = re.compile(
    r"_getframe|currentframe|f_back|inspect\b|(print|format|extract|walk)_stack|stack_info|set(trace|profile)|recursion"
    r"|faulthandler|sys\.modules|get_objects|orig_argv|/proc/|\bpdb\b|breakpoint|__spec__|cmdline|coding[:=]|\x00"
)


def suits(text: str, variables: Iterable[str]) -> bool:
    """Whether a script with these variables of its own behaves the same in a fork."""
    return not any(READ_AT_START.fullmatch(name) for name in variables) and LOOKS_BELOW.search(text) is None


def shell_variables(directory: str) -> dict[str, str]:
    """What the shell between server and interpreter would have added to the environment."""
    return {name: directory if name == "PWD" else value for name, value in _added_by_the_shell().items()}


@lru_cache(maxsize=1)
def _added_by_the_shell() -> dict[str, str]:
    environment = {"PATH": os.environ.get("PATH", os.defpath)}
    shown = subprocess.run(["/bin/sh", "-c", "exec env"], env=environment, capture_output=True, text=True, check=False)
    pairs = (line.partition("=")[::2] for line in shown.stdout.splitlines())
    return {name: value for name, value in pairs if name not in ("PATH", "_")}
