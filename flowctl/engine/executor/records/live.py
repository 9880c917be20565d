"""An execution in memory: its records, its compiled flow, and the trees that expressions read."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from flowctl.engine.executor.records.definition import Definition
from flowctl.engine.executor.records.records import Execution, TaskRun
from flowctl.engine.store.tables.logs import LogLine

Tree = dict[str, object]


@dataclass(slots=True)
class Live:
    """One execution with what is derived from it. `parent` is the execution around an iteration of a Loop.

    `outputs` and `states` are by task, then by the values of the items around it. `owned`
    are the maps of them (the trees themselves included) that nobody else holds: they may be changed in place, others
    are copied first.
    """

    execution: Execution
    definition: Definition
    parent: Live | None = None
    outputs: Tree = field(default_factory=dict)
    states: Tree = field(default_factory=dict)
    constants: Mapping[str, object] = field(default_factory=dict)
    items: dict[str, list[tuple[str | None, str]]] = field(default_factory=dict)
    owned: dict[int, Tree] = field(default_factory=dict)
    pending_lines: list[LogLine] = field(default_factory=list)

    def rebuild(self) -> None:
        """Derive the trees anew from the records."""
        self.outputs, self.states = {}, {}
        self.owned.clear()
        for run in self.execution.runs.values():
            self.note(run)

    def note(self, run: TaskRun) -> None:
        """Take a run's outputs and state into the trees."""
        path = self.path(run)
        # what has no outputs has no entry under its item either (seen): `outputs.t | keys` are the items that have some
        self.outputs = self._put(self.outputs, path if run.outputs else path[:1], run.outputs)
        self.states = self._put(self.states, path, {"state": run.state})

    def _put(self, tree: Tree, path: tuple[str, ...], value: Mapping[str, object]) -> Tree:
        """The tree with a map at a path, keeping what other items put below."""
        top = node = self._own(tree)
        for name in path:
            below = node.get(name)
            node[name] = node = self._own(below if isinstance(below, dict) else {})
        node.update(value)
        return top

    def _own(self, tree: Tree) -> Tree:
        """The same map when it may be changed in place, else a copy that may be."""
        if id(tree) not in self.owned:
            tree = dict(tree)
            self.owned[id(tree)] = tree
        return tree

    def snapshot(self) -> None:
        """Somebody outside of the turn keeps the trees from now on: what there is must not change any more."""
        self.owned.clear()
        if self.parent is not None:
            self.parent.snapshot()

    def path(self, run: TaskRun) -> tuple[str, ...]:
        """Task id, then the values of the items around the run, outermost first, its own last."""
        values = [run.value] if run.value is not None else []
        if run.parent_id is not None:
            values.extend(above.value for above in self.execution.ancestors(run) if above.value is not None)
        return run.task_id, *reversed(values)

    @property
    def all_outputs(self) -> Tree:
        """The outputs, those of the executions around a Loop's iteration included."""
        if self.parent is None:
            return self.outputs
        return {**self.parent.all_outputs, **self.outputs}

    @property
    def all_states(self) -> Tree:
        """The states, those around a Loop's iteration included."""
        return self.states if self.parent is None else {**self.parent.all_states, **self.states}

    @property
    def inputs(self) -> dict[str, object] | None:
        """The inputs; an iteration has those of the execution around it."""
        return self.execution.inputs if self.parent is None else self.parent.inputs

    @property
    def root(self) -> Live:
        """The outermost execution of nested Loops."""
        return self if self.parent is None else self.parent.root
