"""The protocol of a task plugin (docs/plugins.md).

A plugin is an object with a `spec`, the description of its type, and a method `run`. It is registered under the entry
point group `flowctl.plugins`. The built-in tasks are plugins too and get nothing that another plugin does not get.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol, runtime_checkable

from flowctl.engine.plugins.properties import Properties
from flowctl.engine.plugins.services import Administration, FileStore, KeyValues, NamespaceFiles
from flowctl.language.types.spec import TypeSpec

Outputs = Mapping[str, object]


@dataclass(frozen=True, slots=True)
class Result:
    """More than outputs.

    `state` is the run's state unless the task failed; `labels` are merged into the execution's, `variables` into its
    variables (deeply), `unset` removes variables, `exit` ends the whole execution in that state. `encrypted` are names
    of outputs whose texts are kept sealed: expressions see them, nobody is shown them.
    """

    outputs: Outputs = field(default_factory=dict)
    state: str = "SUCCESS"
    labels: Mapping[str, str] | None = None
    variables: Mapping[str, object] | None = None
    unset: Sequence[str] = ()
    exit: str | None = None
    encrypted: Sequence[str] = ()


class TaskFailure(Exception):
    """The task failed. The message is logged; `outputs` are kept; `tolerable` False defies `allowFailure`."""

    def __init__(self, message: str, outputs: Outputs | None = None, *, tolerable: bool = True) -> None:
        super().__init__(message)
        self.message, self.outputs, self.tolerable = message, dict(outputs or {}), tolerable


class Killed(Exception):
    """The task stopped because its execution is being killed."""


class TimedOut(Exception):
    """The task stopped because its time limit was over."""


@dataclass(frozen=True, slots=True)
class Place:
    """Where a task runs. `attempt` counts from 0; `dialect` is the server's: `lenient`, `2.0` or `1.3`."""

    namespace: str
    flow_id: str
    revision: int
    execution_id: str
    task_id: str
    task_run_id: str
    value: str | None = None
    attempt: int = 0
    dialect: str = "lenient"


class RunContext(Protocol):
    """What a task gets from the engine. All methods may be called from the task's thread only."""

    @property
    def place(self) -> Place:
        """Where the task runs."""
        ...

    @property
    def killed(self) -> threading.Event:
        """Set when the task is to end early."""
        ...

    @property
    def deadline(self) -> float | None:
        """When the time limit is over, in `time.monotonic()` seconds; None without limit."""
        ...

    @property
    def directory(self) -> Path:
        """The working directory: made when first asked for, shared inside a WorkingDirectory, removed afterwards."""
        ...

    @property
    def kept(self) -> Path:
        """A directory that all tasks share and that stays: for what is costly to make and can be made again."""
        ...

    @property
    def files(self) -> FileStore:
        """The execution's files."""
        ...

    @property
    def kv(self) -> KeyValues:
        """The key-value store."""
        ...

    @property
    def namespace_files(self) -> NamespaceFiles:
        """Files of namespaces."""
        ...

    @property
    def administration(self) -> Administration:
        """Other executions, logs and triggers."""
        ...

    def task(self, name: str) -> Task | None:
        """The task of a canonical type name, of whichever package; None when nothing runs that type."""
        ...

    def render(self, template: object, extra: Mapping[str, object] | None = None) -> str:
        """A template rendered to text, with further variables; maps and lists as JSON."""
        ...

    def evaluate(self, template: object, extra: Mapping[str, object] | None = None) -> object:
        """A template whose lone `{{ }}` keeps its type; what is no text is given back as it is."""
        ...

    def log(self, level: str, message: str) -> None:
        """A line of the execution's log; `level` is TRACE, DEBUG, INFO, WARN or ERROR."""
        ...

    def metric(self, name: str, kind: str, value: float, tags: Mapping[str, str]) -> None:
        """A measured value; `kind` is counter, timer (in seconds) or gauge."""
        ...

    def on_kill(self, stop: Callable[[], None]) -> None:
        """Call `stop` (from another thread) when the task is to end early; at once if that was already so."""
        ...


@runtime_checkable
class Task(Protocol):
    """A task type. `inline` True says that `run` touches nothing outside the store and ends at once: it is then run
    within the transaction that records its result."""

    @property
    def spec(self) -> TypeSpec:
        """The description of the type, by which flows are checked."""
        ...

    @property
    def inline(self) -> bool:
        """Whether `run` may be called inside a transaction."""
        ...

    def run(self, context: RunContext, properties: Properties) -> Outputs | Result | None:
        """Do it. Returns outputs, or a `Result` with more.

        Raises:
            TaskFailure: it failed. `Killed`, `TimedOut`: it was stopped. Anything else fails the task with its text.
        """
        ...
