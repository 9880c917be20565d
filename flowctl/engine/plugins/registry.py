"""Which plugin runs which type: the built-in tasks and what other packages register as `flowctl.plugins`."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from importlib.metadata import entry_points

from flowctl.engine.plugins.protocol import Task
from flowctl.errors import ServerError

GROUP = "flowctl.plugins"


class Registry:
    """Tasks by type name."""

    def __init__(self, tasks: Iterable[Task]) -> None:
        self._tasks: dict[str, Task] = {}
        for task in tasks:
            self._tasks[task.spec.name] = task

    def find(self, name: str) -> Task | None:
        """The task of a canonical type name."""
        return self._tasks.get(name)

    def runnable(self, name: str) -> bool:
        """Whether there is a task of that type."""
        return name in self._tasks

    @property
    def tasks(self) -> Mapping[str, Task]:
        """All of them."""
        return self._tasks


def built_in() -> list[Task]:
    """The tasks that come with flowctl."""
    from flowctl.engine.plugins import core, scripts, web

    return [*core.TASKS, *scripts.TASKS, *web.TASKS]


def load() -> Registry:
    """The built-in tasks and those of installed packages, whose types are made known to the language.

    Raises:
        ServerError: an entry point cannot be loaded or is no task.
    """
    return Registry([*built_in(), *_foreign()])


def _foreign() -> Iterable[Task]:
    from flowctl.language.types import register

    for point in entry_points(group=GROUP):
        try:
            task = point.load()
            task = task() if isinstance(task, type) else task
        except Exception as error:  # the code of somebody else, which may raise anything
            raise ServerError.of("S331", f"the plugin {point.value} cannot be loaded", f"{error}") from error
        if not isinstance(task, Task):
            raise ServerError.of("S332", f"the plugin {point.value} is no task", "it needs `spec`, `inline` and `run`")
        register(task.spec)
        yield task
