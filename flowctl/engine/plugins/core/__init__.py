"""Tasks of the core plugin."""

from flowctl.engine.plugins.core import execution, kv, namespace, output, states, storage, templated
from flowctl.engine.plugins.protocol import Task

TASKS: list[Task] = [
    *output.TASKS,
    *execution.TASKS,
    *kv.TASKS,
    *states.TASKS,
    *storage.TASKS,
    *namespace.TASKS,
    *templated.TASKS,
]
