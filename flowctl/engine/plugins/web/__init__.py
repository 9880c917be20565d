"""HTTP tasks (flow-language sheet, section 5.3)."""

from flowctl.engine.plugins.protocol import Task
from flowctl.engine.plugins.web.requests import TASKS as _TASKS

TASKS: list[Task] = [*_TASKS]
