"""Script tasks with the Process runner."""

from flowctl.engine.plugins.protocol import Task
from flowctl.engine.plugins.scripts.commands import TASKS as _TASKS

TASKS: list[Task] = [*_TASKS]
