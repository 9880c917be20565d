"""What a worker is given to do."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from flowctl.engine.executor.expressions.rendering import Renderer
from flowctl.engine.plugins.properties import Properties
from flowctl.engine.plugins.protocol import Place, Task


@dataclass(frozen=True, slots=True)
class Job:
    """One attempt of a task run. `deadline` in microseconds since 1970; `sealed` as its execution is."""

    execution_id: str
    task: Task
    properties: Properties
    place: Place
    renderer: Renderer
    shared: Path | None = None
    lowest: object = None
    deadline: int | None = None
    sealed: bool = False
