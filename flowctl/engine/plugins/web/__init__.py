"""HTTP tasks: requests, downloads, event streams."""

from flowctl.engine.plugins.protocol import Task
from flowctl.engine.plugins.web import requests, streams

TASKS: list[Task] = [*requests.TASKS, *streams.TASKS]
