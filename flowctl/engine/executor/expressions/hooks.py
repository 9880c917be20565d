"""Functions of the expression language that touch the world, for one execution."""

from __future__ import annotations

import socket
from collections.abc import Callable, Mapping
from dataclasses import replace

from flowctl.engine.executor.expressions.context import TENANT
from flowctl.engine.executor.records.live import Live
from flowctl.engine.executor.records.masking import MASK
from flowctl.engine.executor.records.storage import NoSuchFile
from flowctl.engine.executor.records.times import iso_time, moment_of
from flowctl.engine.executor.services import Services
from flowctl.engine.store.tables import logs
from flowctl.language.expressions.environment import Environment
from flowctl.language.expressions.errors import ExpressionError
from flowctl.language.expressions.values import Long


def environment_of(services: Services, live: Live) -> Environment:
    """The surroundings of every expression of an execution."""
    clock = services.clock
    hooks = Hooks(services, live).table()
    return Environment(clock=lambda: moment_of(clock()), dialect=services.dialect, hooks=hooks)


def looking(services: Services, live: Live) -> Environment:
    """The same for somebody who may only read: a secret is there, but not its value."""
    found = environment_of(services, live)

    def secret(*given: str, **named: str) -> str:
        found.hooks["secret"](*given, **named)
        return MASK

    return replace(found, hooks={**found.hooks, "secret": secret})


class Hooks:
    """The functions, bound to an execution."""

    def __init__(self, services: Services, live: Live) -> None:
        self.services, self.live = services, live

    def table(self) -> Mapping[str, Callable[..., object]]:
        """By the names that templates use."""
        return {
            "secret": self.secret,
            "kv": self.kv,
            "read": self.read,
            "fileSize": self.file_size,
            "fileExists": self.file_exists,
            "isFileEmpty": self.is_file_empty,
            "fileURI": self.file_uri,
            "errorLogs": self.error_logs,
            "tasksWithState": self.tasks_with_state,
            "loopOutputs": loop_outputs,
            "randomPort": random_port,
        }

    def secret(self, key: str, namespace: str | None = None, subkey: str | None = None) -> str:
        """`secret('X')`: the value, which is hidden from logs from now on.

        Raises:
            ExpressionError: there is no such secret.
        """
        value = self.services.secrets(namespace or self.live.execution.namespace, key)
        if value is None:
            raise ExpressionError(f"Cannot find secret for key '{key}'.")
        self.services.masker.add(value)
        return value

    def kv(self, key: str, namespace: str | None = None, errorOnMissing: bool = True) -> object:
        """`kv('KEY')`: of the flow's namespace or the nearest above that has it; of a named one only.

        Raises:
            ExpressionError: there is no such namespace or, unless that is allowed, no such key.
        """
        place = namespace or self.live.execution.namespace
        if place != self.live.execution.namespace and not self.services.kv.exists(place):
            raise ExpressionError(f"Cannot access the KV store. The namespace '{place}' does not exist.")
        value = self.services.kv.typed(place, key, inherited=namespace is None)
        if value is None and errorOnMissing:
            raise ExpressionError(f"The key '{key}' does not exist in the namespace '{place}'.")
        return value

    def _bytes(self, path: str, namespace: str | None = None) -> bytes:
        place = namespace or self.live.execution.namespace
        if path.startswith("kestra://"):
            return self.services.storage.existing(path).read_bytes()
        return self.services.files.read(place, "/" + path.removeprefix("nsfile://").lstrip("/"))

    def read(self, path: str, namespace: str | None = None, version: int | None = None) -> str:
        """`read(path or address)`: a namespace file's or a stored file's text.

        Raises:
            ExpressionError: there is no such file, or it is no text.
        """
        try:
            return self._bytes(path, namespace).decode()
        except NoSuchFile as error:
            raise ExpressionError(str(error)) from None
        except UnicodeDecodeError:
            raise ExpressionError(f"{path} is not UTF-8 text") from None

    def file_size(self, path: str, namespace: str | None = None) -> int:
        """`fileSize(path or address)`.

        Raises:
            ExpressionError: there is no such file.
        """
        try:
            return Long(len(self._bytes(path, namespace)))
        except NoSuchFile as error:
            raise ExpressionError(str(error)) from None

    def file_exists(self, path: str, namespace: str | None = None) -> bool:
        """`fileExists(path or address)`."""
        try:
            self._bytes(path, namespace)
        except NoSuchFile:
            return False
        return True

    def is_file_empty(self, path: str, namespace: str | None = None) -> bool:
        """`isFileEmpty(path or address)`."""
        return self.file_size(path, namespace) == 0

    def file_uri(self, path: str, namespace: str | None = None, version: int | None = None) -> str:
        """`fileURI(path)`: the address of a namespace file."""
        place = namespace or self.live.execution.namespace
        return f"kestra:///{place.replace('.', '/')}/_files/{path.lstrip('/')}"

    def error_logs(self) -> list[dict[str, object]]:
        """`errorLogs()`: the ERROR lines of the execution, members as a real 1.3 and 2.0 have them."""
        execution = self.live.execution
        lines = self.services.store.read(lambda c: logs.of_execution(c, execution.id, min_level="ERROR", limit=1000))
        pending = [line for line in self.live.pending_lines if line.level == "ERROR"]
        return [
            {
                "tenantId": TENANT,
                "namespace": line.namespace,
                "flowId": line.flow_id,
                **({"taskId": line.task_id} if line.task_id else {}),
                "executionId": line.execution_id,
                **({"taskRunId": line.task_run_id} if line.task_run_id else {}),
                "attemptNumber": line.attempt,
                "timestamp": iso_time(line.at),
                "level": line.level,
                "thread": line.thread,
                "message": line.message,
            }
            for line in [*lines, *pending]
        ]

    def tasks_with_state(self, state: str) -> list[dict[str, object]]:
        """`tasksWithState('FAILED')`."""
        return [
            {"taskId": run.task_id, "value": run.value, "state": run.state}
            for run in self.live.execution.runs.values()
            if run.state == state.upper()
        ]


def loop_outputs(outputs: object = None, name: str | None = None) -> list[object]:
    """`loopOutputs(outputs.l.outputs, 'id')`: one output of every iteration, null for one that has none.

    Raises:
        ExpressionError: something is missing, or `outputs` is no list.
    """
    if outputs is None or name is None:
        missing = "'outputs'" if outputs is None else "'name'"
        raise ExpressionError(f"The 'loopOutputs' function expects {missing}, as in {_LOOP_OUTPUTS}")
    if not isinstance(outputs, list):
        raise ExpressionError(f"The 'loopOutputs' function expects 'outputs' to be a list, as in {_LOOP_OUTPUTS}")
    inner = [row.get("outputs") if isinstance(row, dict) else None for row in outputs]
    return [held.get(name) if isinstance(held, dict) else None for held in inner]


_LOOP_OUTPUTS = "{{ loopOutputs(outputs.my_loop.outputs, 'my_output') }}"


def random_port() -> int:
    """`randomPort()`: a port of this machine that is free now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
