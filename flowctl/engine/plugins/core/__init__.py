"""Tasks of the core plugin."""

from flowctl.engine.plugins.core import (
    administration,
    execution,
    housekeeping,
    kv,
    metrics,
    namespace,
    output,
    states,
    storage,
    templated,
)
from flowctl.engine.plugins.protocol import Task

TASKS: list[Task] = [
    *output.TASKS,
    *execution.TASKS,
    *administration.TASKS,
    *housekeeping.TASKS,
    *kv.TASKS,
    *metrics.TASKS,
    *states.TASKS,
    *storage.TASKS,
    *namespace.TASKS,
    *templated.TASKS,
]
