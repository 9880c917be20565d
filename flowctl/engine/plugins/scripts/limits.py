"""How much of the machine a task's process may take: what its flow says, and how that is held."""

from __future__ import annotations

import itertools
import math
import os
import resource
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from flowctl.engine.plugins.properties import BadProperty, Properties
from flowctl.engine.plugins.scripts import cgroups
from flowctl.language.durations import parse_size

_turns = itertools.count()


@dataclass(frozen=True, slots=True)
class Limits:
    """Limits of a process and all that it starts; None: none. `memory` in bytes, `cpus` a number of processors."""

    memory: int | None = None
    cpus: float | None = None


@dataclass(frozen=True, slots=True)
class Confinement:
    """How limits are held: a control group, or else pairs of a resource of `setrlimit` and its value, and the numbers
    of the processors it may run on (empty: all)."""

    group: Path | None = None
    resources: tuple[tuple[int, int], ...] = ()
    processors: tuple[int, ...] = ()

    def apply(self) -> None:
        """Confine this process, a child that has not yet begun.

        Raises:
            OSError: it cannot be confined.
        """
        if self.group is not None:
            (self.group / "cgroup.procs").write_text("0")
        for kind, value in self.resources:
            resource.setrlimit(kind, (value, value))
        if self.processors:
            os.sched_setaffinity(0, self.processors)

    def release(self) -> None:
        """The process has ended."""
        if self.group is not None:
            cgroups.remove(self.group)


def confine(limits: Limits) -> Confinement:
    """A way to hold limits."""
    if limits == Limits():
        return Confinement()
    where = cgroups.available()
    if where is not None:
        try:
            return Confinement(where.make(limits.memory, limits.cpus))
        except OSError:
            pass  # a controller is missing: the other way is open
    memory = () if limits.memory is None else ((resource.RLIMIT_AS, limits.memory),)
    return Confinement(None, memory, _processors(limits.cpus))


def _processors(cpus: float | None) -> tuple[int, ...]:
    """Whole processors for a number of them, others at each call; empty when there are no more than that."""
    if cpus is None or not hasattr(os, "sched_getaffinity"):
        return ()
    return chosen(sorted(os.sched_getaffinity(0)), cpus, next(_turns))


def chosen(allowed: Sequence[int], cpus: float, turn: int) -> tuple[int, ...]:
    """So many of the allowed processors, rounded up; the next ones at each turn. Empty: all."""
    number = math.ceil(cpus)
    if number >= len(allowed):
        return ()
    return tuple(allowed[(turn * number + at) % len(allowed)] for at in range(number))


def limits_of(properties: Properties) -> Limits:
    """The limits that a script task asks for. Other runners' memory and processors count as limits of the process.

    Raises:
        BadProperty: one of them cannot be read.
    """
    memory = cpus = None
    for place in ("taskRunner", "docker"):
        runner = properties.nested(place)
        asked = runner.nested("resources").nested("limit")
        memory = memory or runner.nested("memory").text("memory") or asked.text("memory")
        cpus = cpus or runner.nested("cpu").text("cpus") or asked.text("cpu")
    return Limits(_size(memory), _number(cpus))


def _size(text: str | None) -> int | None:
    try:
        return (parse_size(text) or None) if text else None  # 0 is no limit, as in Docker
    except ValueError as error:
        raise BadProperty(f"`taskRunner.memory.memory`: {error}") from None


def _number(text: str | None) -> float | None:
    """A number of processors; `500m` are thousandths. 0 is no limit, as in Docker."""
    if not text:
        return None
    try:
        value = float(text[:-1]) / 1000 if text.endswith("m") else float(text)
    except ValueError:
        value = math.nan
    if not 0 <= value < math.inf:
        raise BadProperty(f"`taskRunner.cpu.cpus` is {text!r}, no number of processors such as 0.5 or 2")
    return value or None
