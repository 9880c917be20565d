"""What a rendering gets from outside: limits, a clock, a zone, and the functions that touch the world."""

from __future__ import annotations

import random
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal

Dialect = Literal["lenient", "2.0", "1.3"]
Hook = Callable[..., object]


@dataclass(frozen=True, slots=True)
class Limits:
    """Bounds of one rendering, `render()` calls inside it included.

    `characters`: the longest text, output included. `items`: the longest list. `steps`: loop rounds, calls of filters,
    functions and macros. `seconds`: wall time. `regex_seconds`: wall time of one regular expression. `renders`: rounds
    of one `render()`. `macros`: depth of macro calls.
    """

    characters: int = 16_000_000
    items: int = 500_000
    steps: int = 1_000_000
    seconds: float = 5.0
    regex_seconds: float = 1.0
    renders: int = 100
    macros: int = 40


@dataclass(frozen=True, slots=True, kw_only=True)
class Environment:
    """The surroundings of a rendering.

    `clock` returns the present as an aware date-time; without one `now()` is an error. `timezone` is the default zone
    of dates. `dialect` decides which filters and functions exist. `stopwatch` counts seconds for limits.

    `hooks` maps the names of functions that touch the world (`secret`, `kv`, `read`, `fileURI`, `fileSize`,
    `fileExists`, `isFileEmpty`, `http`, `errorLogs`, `tasksWithState`, `loopOutputs`, `env`, `randomPort`, `subflow` …)
    to callables. They get the arguments by keyword under the names that docs/expressions.md lists, only those that
    were given, and raise ExpressionError (or any exception, whose text is then shown) on failure. A function without
    its hook is an error that says so.
    """

    limits: Limits = field(default_factory=Limits)
    clock: Callable[[], datetime] | None = None
    timezone: str = "Etc/UTC"
    locale: str = "en"
    dialect: Dialect = "lenient"
    hooks: Mapping[str, Hook] = field(default_factory=dict)
    randomness: random.Random = field(default_factory=random.SystemRandom)
    stopwatch: Callable[[], float] = time.monotonic


DEFAULT = Environment()
