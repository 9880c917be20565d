"""The executor: takes executions that have something to do, one turn after the other, on a few threads of its own.

A turn reads the execution (from memory or the store) and the events that came, decides and performs until nothing is
left to do now, and is recorded in one transaction together with the completion of its ADVANCE step. Whatever it
starts outside (tasks, child executions, answers to waiting clients) begins after that transaction is on disk.
"""

from __future__ import annotations

import logging
import sqlite3
import threading
from collections.abc import Callable, Sequence
from concurrent.futures import Future
from typing import TypeVar

from flowctl.engine.executor.advancing import advance
from flowctl.engine.executor.agenda import NEW, OLD, Agenda
from flowctl.engine.executor.commands import apply_command
from flowctl.engine.executor.events import apply_event
from flowctl.engine.executor.hub import Hub
from flowctl.engine.executor.lifecycle.actions import resume
from flowctl.engine.executor.lifecycle.ending import break_off
from flowctl.engine.executor.lifecycle.floworder import release_everywhere
from flowctl.engine.executor.loaded import Loaded
from flowctl.engine.executor.performer import Performer
from flowctl.engine.executor.records.flowsource import UnknownFlow
from flowctl.engine.executor.records.identifiers import new_id
from flowctl.engine.executor.records.live import Live
from flowctl.engine.executor.records.records import Execution
from flowctl.engine.executor.services import Services
from flowctl.engine.executor.tasks.loglines import LogWriter
from flowctl.engine.executor.tasks.taskwork import again
from flowctl.engine.executor.tasks.workers import Workers
from flowctl.engine.executor.timers import Timers
from flowctl.engine.executor.turn import Turn
from flowctl.engine.store import StoreError
from flowctl.engine.store.tables import executions, steps
from flowctl.engine.store.tables.executions import Outdated

T = TypeVar("T")
LOG = logging.getLogger("flowctl.executor")
THREADS = 3
RETRY_MICROS = 1_000_000
Command = Callable[[Performer], T]


class Gone(Exception):
    """There is no such execution (any more)."""

    def __init__(self, execution_id: str) -> None:
        super().__init__(f"There is no execution {execution_id}")


class Executor:
    """Runs executions. `ready(id)` has one looked at; `command` changes one between its turns."""

    def __init__(self, services: Services) -> None:
        self.services = services
        self.owner = new_id()
        self.hub = Hub()
        self.moved: list[Callable[[sqlite3.Connection, Execution, Sequence[str]], None]] = []
        self._logs = LogWriter(services.store, services.clock, self.hub.changed)
        self.workers = Workers(services, self.owner, self._logs, self.ready)
        self.timers = Timers(services.clock, self.ready)
        self.loaded = Loaded(services)
        self._agenda = Agenda()
        self._abandoned: dict[str, list[str]] = {}
        self._lock = threading.Lock()
        self._commands: dict[str, list[tuple[Command[object], Future[object]]]] = {}
        self._threads = [
            threading.Thread(target=self._loop, name=f"flowctl-executor-{n}", daemon=True) for n in range(THREADS)
        ]
        self._closed = False
        services.resume = lambda id_, inputs: self.command(id_, lambda performer: resume(performer, inputs))

    def start(self) -> None:
        """Take over what an earlier process left, then begin."""
        self.services.store.write(lambda c: release_everywhere(c, self.services.clock())).result()
        abandoned = self.services.store.write(lambda connection: steps.claim(connection, self.owner)).result()
        for execution_id, task_run_id in abandoned:
            self._abandoned.setdefault(execution_id, []).append(task_run_id)
            self.ready(execution_id, OLD)
        for execution_id, due in self.services.store.read(steps.due):
            if due <= self.services.clock():
                self.ready(execution_id, OLD)
            elif due < steps.NEVER:
                self.timers.set(execution_id, due)
        self.timers.start()
        for thread in self._threads:
            thread.start()

    def close(self) -> None:
        """Stop: running tasks are interrupted and run again by the next process."""
        self._closed = True
        self.timers.close()
        self._agenda.close(THREADS)
        for thread in self._threads:
            if thread.is_alive():
                thread.join()
        self._logs.hurry()
        self.workers.close()
        self._logs.close()

    def ready(self, execution_id: str, rank: int = NEW) -> None:
        """There may be something to do for this execution."""
        self._agenda.add(execution_id, rank)

    def begin(self, execution: Execution) -> None:
        """A new execution, whose record is on disk, may go on. It need not be read again for its first turn."""
        self.loaded.add(execution)
        self.ready(execution.id)

    def command(self, execution_id: str, command: Command[T]) -> Future[T]:
        """Change an execution in a turn of its own. The future is resolved when the change is on disk.

        The future's exception is `Gone` when there is no such execution, else what `command` raised (then nothing is
        changed).
        """
        future: Future[T] = Future()
        with self._lock:
            # the pair belongs together; the dict holds commands of all result types
            self._commands.setdefault(execution_id, []).append((command, future))  # type: ignore[arg-type]
        self.ready(execution_id)
        return future

    def deleted(self, execution_id: str) -> None:
        """An execution is gone; who waits for its end need not wait any more. Tasks that it still ran are stopped."""
        self.loaded.forget(execution_id)
        self.workers.stop_all(execution_id, "closed")
        self.hub.changed((execution_id,), ended=True)

    def _loop(self) -> None:
        while (id_ := self._agenda.take()) is not None:
            try:
                pending = self._turn(id_)
            except Exception:  # a mistake of ours: it ends this execution, not the loop
                LOG.exception("execution %s: a turn failed", id_)
                self.loaded.forget(id_)
                pending = self._break(id_)
            if pending is None:
                self._agenda.release(id_)

    def _turn(self, id_: str) -> Future[None] | None:
        """One turn. Returns the pending commit, whose completion frees the execution; None when there is none."""
        with self._lock:
            commands = self._commands.pop(id_, [])
            abandoned = self._abandoned.pop(id_, [])
        for task_run_id in abandoned:
            self._begin_again(id_, task_run_id)
        try:
            live = self.loaded.find(id_)
        except Exception as error:  # whoever waits for an answer gets it
            for _, future in commands:
                future.set_exception(error)
            raise
        if live is None:
            for _, future in commands:
                future.set_exception(Gone(id_))
            self.services.store.write(lambda connection: steps.advanced(connection, id_, None))
            return None
        if commands:
            return self._command_turn(live, commands)
        performer = self._performer(live)
        turn = performer.turn
        for event in self.services.store.read(lambda connection: steps.events(connection, id_)):
            turn.consumed.append(event.id)
            turn.execution.sealed |= event.sealed
            apply_event(performer, event.body)
        advance(performer)
        return self._commit(performer, [])

    def _performer(self, live: Live) -> Performer:
        turn = Turn(live, self.services.clock, self.owner, self.services.masker.mask)
        return Performer.of(turn, self.services)

    def _command_turn(self, live: Live, commands: list[tuple[Command[object], Future[object]]]) -> Future[None] | None:
        command, future = commands[0]
        if len(commands) > 1:
            with self._lock:
                self._commands[live.execution.id] = [*commands[1:], *self._commands.get(live.execution.id, [])]
            self._agenda.again(live.execution.id)
        performer = self._performer(live)
        try:
            result = apply_command(performer, command)
        except Exception as error:  # the one who asked for the command gets it
            self.loaded.forget(live.execution.id)
            future.set_exception(error)
            return None
        performer.turn.again = True
        return self._commit(performer, [(future, result)])

    def _commit(self, performer: Performer, answers: list[tuple[Future[object], object]]) -> Future[None]:
        turn = performer.turn
        reached = turn.reached
        if performer.jobs:
            performer.live.snapshot()

        def write(connection: sqlite3.Connection) -> None:
            turn.write(connection)
            for listener in self.moved if reached else ():
                listener(connection, turn.execution, reached)

        future = self.services.store.write(write)
        future.add_done_callback(lambda done: self._committed(performer, answers, done))
        return future

    def _committed(
        self, performer: Performer, answers: list[tuple[Future[object], object]], done: Future[None]
    ) -> None:
        """After the commit, on the writer's thread: nothing here waits for anything."""
        turn, id_ = performer.turn, performer.turn.execution.id
        error = done.exception()
        if error is not None:
            self._undone(id_, error, answers)
            return
        turn.execution.version += 1
        self._note(turn)
        if turn.wake is not None:
            self.timers.set(id_, turn.wake)
        elif turn.execution.terminal:
            self.timers.clear(id_)
        for future, result in answers:
            future.set_result(result)
        for task_run_id, reason in performer.stops:
            self.workers.stop(task_run_id, reason)
        for job in performer.jobs:
            self.workers.begin(job)
        for child in turn.spawned:
            self.ready(child)
        for execution in turn.born:
            self.begin(execution)
        if turn.execution.terminal:
            self.loaded.forget(id_)
        self.hub.changed((id_,), ended=turn.execution.terminal)
        if turn.again:
            self._agenda.again(id_)
        self._agenda.release(id_)

    def _note(self, turn: Turn) -> None:
        """Measure the task runs that have ended in a turn."""
        nodes = turn.live.definition.nodes
        for run in turn.dirty.values():
            node = nodes.get(run.task_id)
            if run.terminal and node is not None:
                self.services.seen.task(node.type, (run.history[-1][1] - run.history[0][1]) / 1_000_000)

    def _undone(self, id_: str, error: BaseException, answers: list[tuple[Future[object], object]]) -> None:
        self.loaded.forget(id_)
        deleted = isinstance(error, Outdated) and self.services.store.read(lambda c: executions.head(c, id_)) is None
        for future, _ in answers:
            future.set_exception(Gone(id_) if deleted else error)
        if isinstance(error, Outdated):
            self._agenda.again(id_)
        elif not self._closed:
            LOG.error("execution %s: a turn was not recorded and is tried again: %s", id_, error)
            self.timers.set(id_, self.services.clock() + RETRY_MICROS)
        self._agenda.release(id_)

    def _break(self, id_: str) -> Future[None] | None:
        """A turn that failed inside the engine fails its own execution, with the error, and is not tried again."""
        try:
            live = self.loaded.find(id_)
            if live is None:
                return None
            performer = self._performer(live)
            rows = self.services.store.read(lambda connection: steps.events(connection, id_))
            performer.turn.consumed.extend(event.id for event in rows)
            break_off(performer)
            return self._commit(performer, [])
        except StoreError as error:
            LOG.error("execution %s: %s", id_, error)
            self.timers.set(id_, self.services.clock() + RETRY_MICROS)
        except Exception:  # breaking off failed too: the others go on
            LOG.exception("execution %s is left alone until the next start", id_)
        return None

    def _begin_again(self, execution_id: str, task_run_id: str) -> None:
        """A task whose process died: run it again, unless its execution does not want it any more."""
        try:
            live = self.loaded.find(execution_id)
        except UnknownFlow:
            return
        run = live.execution.runs.get(task_run_id) if live else None
        if live is None or run is None or run.terminal:
            self.services.store.write(lambda connection: steps.drop_runs(connection, execution_id, [task_run_id]))
            return
        performer = self._performer(live)
        node = performer.node(run)
        job = again(performer, node, run)
        live.snapshot()
        self.workers.begin(job)
        if run.memo.get("interrupted"):
            self.workers.stop(task_run_id, str(run.memo["interrupted"]))


__all__ = ["Executor", "Gone"]
