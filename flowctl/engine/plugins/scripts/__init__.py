"""Script tasks with the Process runner (flow-language sheet, sections 5.7 and 5.8)."""

from flowctl.engine.plugins.protocol import Task
from flowctl.engine.plugins.scripts.commands import TASKS as _TASKS

TASKS: list[Task] = [*_TASKS]
