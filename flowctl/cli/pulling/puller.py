"""From what the server has to changes of the files: what `pull` would write, and what it leaves out and why."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from flowctl.cli.plans.prepare import Planned
from flowctl.cli.pulling.file_edits import FileEdit
from flowctl.cli.pulling.file_names import FileNames
from flowctl.errors import UsageError
from flowctl.history.placing import NoPlace, place_of
from flowctl.history.taking import file_text
from flowctl.loading.workspace import Workspace
from flowctl.model.keys import FileKey, FlowKey, KvKey, ObjectKey, sort_key
from flowctl.model.ledger import KEYED
from flowctl.model.plan import Action

_DIFFERS = (Action.UPDATE, Action.DELETE)


@dataclass(frozen=True, slots=True)
class LeftOut:
    """An object that pull does not take, and why."""

    key: ObjectKey
    reason: str


@dataclass(frozen=True, slots=True)
class PullOptions:
    """`every` takes what flowctl does not own as well, `values` plain key-values among it, `overwrite` the server's
    side where the file has changed too."""

    every: bool = False
    values: bool = False
    overwrite: bool = False


def pull_options_of(options: Mapping[str, object]) -> PullOptions:
    """The options of `flowctl pull` that say what is taken.

    Raises:
        UsageError: C128, `values` without `every`.
    """
    every, values, overwrite = (bool(options.get(name)) for name in ("every", "values", "overwrite"))
    if values and not every:
        raise UsageError.of("C128", "--values goes with --all", hint="give both: a first import with its key-values")
    return PullOptions(every, values, overwrite)


class Puller:
    """Collects the edits of one pull."""

    def __init__(self, workspace: Workspace, planned: Planned, options: PullOptions) -> None:
        self._workspace, self._planned, self._options = workspace, planned, options
        self._environment = planned.project.environment
        self._texts: dict[str, str] = {}
        self.edits: dict[str, FileEdit] = {}
        self.left_out: list[LeftOut] = []
        self.names = FileNames(workspace)

    def collect(self) -> None:
        """Look at every object that the server has otherwise than the files."""
        keys = self._wanted()
        flows = [key for key in keys if isinstance(key, FlowKey) and key in self._planned.live.flows]
        sources = self._planned.server.read_sources(flows) if flows else {}
        for key in sorted(keys, key=sort_key):
            reason = self._reason_against(key)
            if reason is None:
                reason = self._reason_or_take(key, sources)
            if reason is not None:
                self.left_out.append(LeftOut(key, reason))

    def _wanted(self) -> set[ObjectKey]:
        plan = self._planned.plan
        keys: set[ObjectKey] = {drift.key for drift in plan.drift if drift.kind in ("changed", "deleted")}
        if self._options.every:
            keys.update(key for key in plan.unmanaged if self._options.values or not isinstance(key, KvKey))
            keys.update(change.key for change in plan.changes if change.action in _DIFFERS)
        return keys

    def _reason_against(self, key: ObjectKey) -> str | None:
        plan = self._planned.plan
        if isinstance(key, FlowKey) and str(key) in self._environment.pins:
            return "it is pinned: change or remove its pin"
        if self._options.overwrite:
            return None
        drift = next((one for one in plan.drift if one.key == key), None)
        ledger = self._planned.live.ledger
        want = self._desired(key)
        if ledger is None or key not in ledger.entries:
            return None if want is None else "its file was never applied; --overwrite takes the server's side"
        applied = ledger.entries[key].digest
        if want is None:
            return "its file was removed since it was applied; --overwrite brings it back"
        if drift is None:
            return "its file has changed and waits for an apply; --overwrite takes the server's side"
        if want != applied and not applied.startswith(KEYED):
            return "its file has changed as well since it was applied; --overwrite takes the server's side"
        return None

    def _desired(self, key: ObjectKey) -> str | None:
        project = self._planned.project
        if isinstance(key, FlowKey):
            return project.flows[key].digest if key in project.flows else None
        if isinstance(key, FileKey):
            return project.files[key].digest if key in project.files else None
        return project.kv[key].digest if key in project.kv else None

    def _reason_or_take(self, key: ObjectKey, sources: Mapping[FlowKey, str]) -> str | None:
        """Note the edit for one object; returns why there is none."""
        try:
            return self._take(key, sources)
        except NoPlace as problem:
            return str(problem)

    def _take(self, key: ObjectKey, sources: Mapping[FlowKey, str]) -> str | None:
        if isinstance(key, FlowKey):
            return self._take_flow(key, sources.get(key))
        if isinstance(key, FileKey):
            return self._take_file(key)
        return self._take_value(key)

    def _take_flow(self, key: FlowKey, live: str | None) -> str | None:
        flow = self._planned.project.flows.get(key)
        path = flow.path if flow is not None else self.names.of_flow(key, self._new_path(key))
        before = self._read(path)
        if flow is None and before is not None:
            return f"{path} is taken by another flow"
        if live is None:
            self._note(key, path, before, None)
            return None
        text = file_text(before.decode("utf-8") if before is not None else None, live, key.namespace)
        self._note(key, path, before, text.encode("utf-8"))
        return None

    def _take_file(self, key: FileKey) -> str | None:
        file = self._planned.project.files.get(key)
        path = self._shown(file.path) if file is not None else self._new_path(key)
        if file is None:
            self.names.tell_apart(path)
        there = key in self._planned.live.files
        self._note(key, path, self._read(path), self._planned.server.read_file(key) if there else None)
        return None

    def _take_value(self, key: KvKey) -> str | None:
        from flowctl.cli.pulling.key_values import edited

        pair = self._planned.project.kv.get(key)
        if pair is not None and pair.env is not None:
            return f"its value comes from the variable {pair.env}: set it there"
        path = self._shown(pair.path) if pair is not None else self._new_path(key)
        before = self._read(path)
        text = self._texts.get(path, before.decode("utf-8") if before is not None else "")
        found = self._planned.server.read_value(key) if key in self._planned.live.kv else None
        if found is not None and found[1] is None:
            return "it has no value, and no file can say that"
        after = edited(text, key.key, pair, found)
        if after is None:
            return "its entry cannot be edited safely: write it yourself"
        self._texts[path] = after
        self._note(key, path, before, after.encode("utf-8"))
        return None

    def _note(self, key: ObjectKey, path: str, before: bytes | None, after: bytes | None) -> None:
        if before != after:
            known = self.edits.get(path)
            self.names.add(path)
            self.edits[path] = FileEdit((*(known.keys if known else ()), key), path, before, after)

    def _read(self, path: str) -> bytes | None:
        file = self._workspace.root / path
        return file.read_bytes() if file.is_file() else None

    def _new_path(self, key: ObjectKey) -> str:
        """Where an object without a file belongs: in the last layer."""
        return f"{self._shown(str(self._environment.layers[-1]))}/{place_of(key, self._environment.namespace)}"

    def _shown(self, path: str) -> str:
        found = Path(path)
        return self._workspace.relative(found) if found.is_absolute() else path
