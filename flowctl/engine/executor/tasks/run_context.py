"""What a task gets: the `RunContext` of the plugin protocol, for one attempt of one task run."""

from __future__ import annotations

import shutil
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from flowctl.engine.executor.expressions.rendering import Renderer
from flowctl.engine.executor.records.definition import Node
from flowctl.engine.executor.records.storage import Forbidden, NoSuchFile, execution_folder, task_folder
from flowctl.engine.executor.services import Services
from flowctl.engine.executor.tasks.administration import StoreAdministration
from flowctl.engine.plugins.properties import Properties
from flowctl.engine.plugins.protocol import Place, Task
from flowctl.engine.plugins.services import Administration, FileStore, KeyValues, NamespaceFiles

Log = Callable[[str, str], None]
Measure = Callable[[str, str, float, Mapping[str, str]], None]
ORDER = ("TRACE", "DEBUG", "INFO", "WARN", "ERROR")


class Stop:
    """A request to end early: an event, a reason (`kill`, `timeout`, `closed`), and who wants to be called."""

    def __init__(self) -> None:
        self.event = threading.Event()
        self.reason: str | None = None
        self._calls: list[Callable[[], None]] = []
        self._lock = threading.Lock()

    def ask(self, reason: str) -> None:
        """End the work; the first reason stays."""
        with self._lock:
            if self.reason is not None:
                return
            self.reason = reason
            calls = list(self._calls)
        self.event.set()
        for call in calls:
            call()

    def on(self, call: Callable[[], None]) -> None:
        """Call when asked; at once if that has happened."""
        with self._lock:
            if self.reason is None:
                self._calls.append(call)
                return
        call()


@dataclass(slots=True)
class TaskContext:
    """Implements `flowctl.engine.plugins.protocol.RunContext`."""

    services: Services
    place: Place
    renderer: Renderer
    sink: Log
    measure: Measure
    shared: Path | None = None
    stop: Stop = field(default_factory=Stop)
    deadline: float | None = None
    own: Path | None = None

    @property
    def killed(self) -> threading.Event:
        """Set when the task is to end early."""
        return self.stop.event

    @property
    def directory(self) -> Path:
        """The working directory."""
        if self.shared is not None:
            self.shared.mkdir(parents=True, exist_ok=True)
            return self.shared
        if self.own is None:
            self.own = self.services.work / self.place.task_run_id
            self.own.mkdir(parents=True, exist_ok=True, mode=0o700)
        return self.own

    @property
    def kept(self) -> Path:
        """The directory for what can be made again."""
        path = self.services.work.parent / "kept"
        path.mkdir(exist_ok=True)
        path.chmod(0o711)  # processes of another user pass, too
        return path

    def close(self) -> None:
        """Remove what the attempt left in its working directory."""
        if self.own is not None:
            shutil.rmtree(self.own, ignore_errors=True)

    @property
    def files(self) -> FileStore:
        """The execution's files."""
        return TaskFiles(self.services, self.place)

    @property
    def kv(self) -> KeyValues:
        """The key-value store."""
        return self.services.kv

    @property
    def namespace_files(self) -> NamespaceFiles:
        """Files of namespaces."""
        return self.services.files

    @property
    def administration(self) -> Administration:
        """Other executions, logs and triggers."""
        return StoreAdministration(self.services)

    def task(self, name: str) -> Task | None:
        """The task of a type."""
        return self.services.registry.find(name)

    def render(self, template: object, extra: Mapping[str, object] | None = None) -> str:
        """A template rendered to text, with further variables."""
        return self.renderer.text(template, extra) if isinstance(template, str) else self.renderer.printed(template)

    def evaluate(self, template: object, extra: Mapping[str, object] | None = None) -> object:
        """A template whose lone `{{ }}` keeps its type."""
        return self.renderer.typed(template, extra) if isinstance(template, str) else template

    def log(self, level: str, message: str) -> None:
        """A line of the execution's log."""
        self.sink(level, message)

    def metric(self, name: str, kind: str, value: float, tags: Mapping[str, str]) -> None:
        """A measured value."""
        self.measure(name, kind, value, tags)

    def on_kill(self, stop: Callable[[], None]) -> None:
        """Call `stop` when the task is to end early."""
        self.stop.on(stop)

    def seconds_left(self) -> float | None:
        """Until the time limit; None without one."""
        return None if self.deadline is None else max(self.deadline - time.monotonic(), 0)


@dataclass(slots=True)
class TaskFiles:
    """Files of one task run, in the storage."""

    services: Services
    place: Place

    @property
    def folder(self) -> str:
        """Where new files go."""
        place = self.place
        return task_folder(place.namespace, place.flow_id, place.execution_id, place.task_id, place.task_run_id)

    def put(self, name: str, data: bytes) -> str:
        """Store bytes. Returns the address."""
        return self.services.storage.put(self.folder, name, data)

    def put_file(self, name: str, path: Path) -> str:
        """Store a copy of a file. Returns the address."""
        return self.services.storage.put_file(self.folder, name, path)

    def read(self, uri: str) -> bytes:
        """The bytes of an address (`kestra:///`, `nsfile:///`).

        Raises:
            NoSuchFile: there is no such file.
        """
        if uri.startswith("nsfile://"):
            return self.services.files.read(self.place.namespace, "/" + uri.removeprefix("nsfile://").lstrip("/"))
        if uri.startswith("file://"):
            raise Forbidden(f"{uri}: files of the server's machine are not readable from flows")
        return self.services.storage.existing(uri).read_bytes()

    def size(self, uri: str) -> int:
        """Size in bytes."""
        return (
            len(self.read(uri)) if uri.startswith("nsfile://") else self.services.storage.existing(uri).stat().st_size
        )

    def delete(self, uri: str) -> bool:
        """Remove a file. False when there was none."""
        try:
            return self.services.storage.delete(uri)
        except NoSuchFile:
            return False

    def purge(self) -> list[str]:
        """Remove all files of the execution. Returns their addresses."""
        place = self.place
        return self.services.storage.purge(execution_folder(place.namespace, place.flow_id, place.execution_id))


def properties_of(node: Node, renderer: Renderer) -> Properties:
    """The task's properties."""
    return Properties(node.properties, renderer)


def passes(level: str, lowest: object) -> bool:
    """Whether a line of a level is kept when the task's `logLevel` is `lowest`."""
    return not isinstance(lowest, str) or lowest not in ORDER or ORDER.index(level) >= ORDER.index(lowest)
