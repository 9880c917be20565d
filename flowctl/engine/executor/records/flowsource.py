"""Compiled flows by revision, read from the store once."""

from __future__ import annotations

import threading
from collections import OrderedDict
from dataclasses import dataclass

from flowctl.engine.executor.records.definition import Definition, compile_flow, plain_id
from flowctl.engine.plugins.registry import Registry
from flowctl.engine.store import Store
from flowctl.engine.store.tables import flows
from flowctl.flowtext.document import parse
from flowctl.language.defaults import apply_defaults
from flowctl.language.flags import is_on
from flowctl.language.normalise import normalise
from flowctl.language.validation import check_flow
from flowctl.language.walk import walk_tasks
from flowctl.model.environment import Dialect

CACHED = 2000


class UnknownFlow(Exception):
    """There is no such flow or revision."""


class UnsoundDraft(UnknownFlow):
    """The revision is a draft that no server could run."""


@dataclass(frozen=True, slots=True)
class FlowRevision:
    """A flow revision, ready to run. `deprecations` are warnings about legacy spellings it uses."""

    definition: Definition
    disabled: bool
    deprecations: tuple[str, ...] = ()


class Flows:
    """Flow revisions of the store, compiled. A revision never changes, so it is compiled once."""

    def __init__(self, store: Store, registry: Registry, dialect: Dialect) -> None:
        self._store, self._registry, self._dialect = store, registry, dialect
        self._cache: OrderedDict[tuple[str, str, int], FlowRevision] = OrderedDict()
        self._lock = threading.Lock()

    def latest(self, namespace: str, flow_id: str) -> FlowRevision:
        """The newest revision.

        Raises:
            UnknownFlow: there is none, or the flow was deleted.
        """
        head = self._store.read(lambda connection: flows.head(connection, namespace, flow_id))
        if head is None or head.deleted:
            raise UnknownFlow(f"Unable to find flow '{namespace}'.'{flow_id}'")
        return self.revision(namespace, flow_id, head.revision)

    def revision(self, namespace: str, flow_id: str, number: int) -> FlowRevision:
        """One revision; executions of deleted flows go on, so deletion does not matter here.

        Raises:
            UnknownFlow: there is no such revision, or it is a draft with errors.
        """
        key = namespace, flow_id, number
        with self._lock:
            found = self._cache.get(key)
            if found is not None:
                self._cache.move_to_end(key)
                return found
        row = self._store.read(lambda c: flows.revision(c, namespace, flow_id, number, allow_deleted=True))
        if row is None:
            raise UnknownFlow(f"Unable to find flow '{namespace}'.'{flow_id}' with revision '{number}'")
        if row.draft:
            self._refuse_unsound(row.source, number)
        made = self.compiled(row.source, number)
        with self._lock:
            self._cache[key] = made
            while len(self._cache) > CACHED:
                self._cache.popitem(last=False)
        return made

    def _refuse_unsound(self, source: str, number: int) -> None:
        value = parse(source).value
        errors = [
            found for found in check_flow(value, dialect=self._dialect, strict_types=True) if found.severity == "error"
        ]
        if errors:
            raise UnsoundDraft(f"revision {number} is a draft with errors, the first: {errors[0].message}")

    def compiled(self, source: str, revision: int) -> FlowRevision:
        """A text compiled: legacy spellings replaced, defaults filled in.

        Raises:
            UnknownFlow: the stored text is no flow (an older flowctl may have accepted it).
        """
        value = parse(source).value
        if not isinstance(value, dict) or "id" not in value or "namespace" not in value:
            raise UnknownFlow("the stored text is no flow")
        normal, deprecations = normalise(value, self._dialect)
        assert isinstance(normal, dict)
        filled = apply_defaults(normal, (), self._dialect)
        old = {plain_id(task.get("id")) for _, task in walk_tasks(value) if str(task.get("type")).endswith(".WaitFor")}
        definition = compile_flow(filled, revision, self._registry.runnable, old)
        return FlowRevision(definition, is_on(filled.get("disabled")), tuple(str(d) for d in deprecations))
