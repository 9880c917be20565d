"""The state of one rendering: variables in scope, budgets, macros and blocks of the template."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from flowctl.language.expressions.environment import Environment
from flowctl.language.expressions.errors import LimitError, UndefinedError
from flowctl.language.expressions.java.printing import java_text, json_text, print_value
from flowctl.language.expressions.suggestions import closest

LARGE_LIST = 1_000
ITEM_WEIGHT = 60
"""Bytes that an element of a list takes, about."""


def size(value: object) -> int:
    """About how many bytes a text or a long list takes; what a list holds was counted when it was made."""
    if type(value) is str:
        return len(value) if value.isascii() else 4 * len(value)
    if isinstance(value, list | tuple | dict) and len(value) > LARGE_LIST:
        return len(value) * ITEM_WEIGHT
    return 0


class Budget:
    """What is left of a rendering's limits; `render()` inside a template shares it."""

    __slots__ = ("characters", "deadline", "made", "rendering", "steps", "stopwatch")

    def __init__(self, environment: Environment) -> None:
        self.steps = environment.limits.steps
        self.characters = environment.limits.characters
        self.stopwatch = environment.stopwatch
        self.deadline: float | None = None
        self.made = 16 * environment.limits.characters
        self.rendering: list[str] = []

    def start(self, seconds: float) -> None:
        """Begins the time limit, once."""
        if self.deadline is None:
            self.deadline = self.stopwatch() + seconds


class Run:
    """One rendering of one template. `scopes` are the maps of `set`, `for` and macro arguments, innermost last.

    `nested` renders another text as a part of this rendering: what `render` does with texts that hold expressions.
    """

    __slots__ = (
        "blocks",
        "budget",
        "context",
        "environment",
        "limit",
        "macro_depth",
        "macros",
        "nested",
        "scopes",
        "typed",
    )

    def __init__(
        self,
        context: Mapping[str, object],
        environment: Environment,
        budget: Budget | None,
        nested: Callable[[Run, str], str],
    ) -> None:
        self.context = context
        self.nested = nested
        self.environment = environment
        self.limit = environment.limits.characters
        self.budget = budget or Budget(environment)
        self.scopes: list[dict[str, object]] = []
        self.macros: Mapping[str, Callable[[Run, list[object], dict[str, object]], str]] = {}
        self.blocks: Mapping[str, Callable[[Run], str]] = {}
        self.macro_depth = 0
        self.typed = False

    def tick(self, steps: int = 1) -> None:
        """Counts steps. Raises LimitError past the limit of steps or of time."""
        budget = self.budget
        budget.steps -= steps
        if budget.steps < 0:
            raise LimitError(f"The rendering takes more than {self.environment.limits.steps} steps")
        if budget.deadline is None:
            budget.start(self.environment.limits.seconds)
        elif budget.stopwatch() > budget.deadline:
            raise LimitError(f"The rendering takes longer than {self.environment.limits.seconds:g} s")

    def seconds_left(self) -> float:
        """Time that the rendering may still take."""
        self.tick(0)
        assert self.budget.deadline is not None
        return max(0.001, self.budget.deadline - self.budget.stopwatch())

    def check_items(self, count: int) -> None:
        """Raises LimitError when a list of so many items is too long."""
        if count > self.environment.limits.items:
            raise LimitError(f"A list would have {count} items, more than {self.environment.limits.items}")

    def check_text(self, length: int) -> None:
        """Raises LimitError when a text of so many characters is too long."""
        if length > self.limit:
            raise LimitError(f"A text would have {length} characters, more than {self.limit}")

    def late(self) -> None:
        """Raises LimitError when time is up."""
        self.tick(0)

    def print(self, value: object) -> str:
        """What `{{ value }}` prints, within the limits."""
        return print_value(value, self.limit, self.late)

    def java(self, value: object) -> str:
        """The value in Java's own form, within the limits."""
        return value if type(value) is str else java_text(value, self.limit, self.late)

    def json(self, value: object) -> str:
        """The value as JSON, within the limits."""
        return json_text(value, self.limit, self.late)

    def made(self, value: object) -> object:
        """The value, after its size was charged; so no template fills the memory with values."""
        self.budget.made -= size(value)
        if self.budget.made < 0:
            raise LimitError("The rendering makes more values than memory is given to it")
        return value

    def replaced(self, value: object) -> None:
        """Gives back the size of a value that a variable held until now."""
        self.budget.made += size(value)

    def printed(self, text: str) -> str:
        """The text, after its characters were taken from the budget of the output."""
        self.budget.characters -= len(text)
        if self.budget.characters < 0:
            raise LimitError(f"The output is longer than {self.limit} characters")
        return text

    def variable(self, name: str, offset: int) -> object:
        """A variable, innermost scope first. Raises UndefinedError."""
        for scope in reversed(self.scopes):
            if name in scope:
                return scope[name]
        if name in self.context:
            return self.context[name]
        known = [*self.context, *(n for scope in self.scopes for n in scope)]
        raise UndefinedError(name, offset=offset, hint=closest(name, known))
