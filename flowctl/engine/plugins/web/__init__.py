"""HTTP tasks (flow-language sheet, section 5.3)."""

from flowctl.engine.plugins.protocol import Task
from flowctl.engine.plugins.web import requests, streams

TASKS: list[Task] = [*requests.TASKS, *streams.TASKS]
