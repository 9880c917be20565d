"""What was learned of sound flows, by namespace and digest of the text, kept under `.flowctl/memory/`.

Memory is never trusted over content: it is looked up by the digest of what was just read. Losing it costs time only.
"""

from __future__ import annotations

from pathlib import Path
from typing import cast

from flowctl.loading.knowledge.learned import Learned
from flowctl.loading.knowledge.memory_file import read_memory, write_memory
from flowctl.model.diagnostic import Diagnostic
from flowctl.model.project import FlowReference

Packed = list[object]
_SPARE = 1000


class Memory:
    """One environment's memory. `keep` notes what was used; `save` writes it when there is anything new."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._known = cast("dict[str, dict[str, Packed]]", read_memory(path))
        self._used: dict[str, dict[str, Learned]] = {}
        self._new = False

    def recall(self, namespace: str, digest: str) -> Learned | None:
        """What is known of a text, None when nothing is."""
        used = self._used.get(namespace)
        if used is not None and digest in used:
            return used[digest]
        packed = self._known.get(namespace, {}).get(digest)
        return _unpack(packed) if packed is not None else None

    def keep(self, namespace: str, digest: str, learned: Learned) -> None:
        """Note what is known of a text that was met."""
        self._used.setdefault(namespace, {})[digest] = learned
        if digest not in self._known.get(namespace, {}):
            self._new = True

    def save(self) -> None:
        """Write what was used, and some of what was known before: a branch that is left comes back."""
        if not self._new:
            return
        spare = _SPARE + sum(map(len, self._used.values()))
        kept: dict[str, object] = {}
        for namespace in {**self._known, **self._used}:
            used = self._used.get(namespace, {})
            packed = {digest: _pack(learned) for digest, learned in used.items()}
            for digest, old in self._known.get(namespace, {}).items():
                if spare > 0 and digest not in packed:
                    packed[digest] = old
                    spare -= 1
            kept[namespace] = packed
        write_memory(self.path, kept)


def _pack(learned: Learned) -> Packed:
    references = [[r.relation, r.namespace, r.flow_id, r.place, r.dynamic] for r in learned.references]
    problems = [[p.code, p.severity, p.summary, p.detail, p.hint, p.line, p.column, p.place] for p in learned.problems]
    packed: Packed = [learned.id, learned.at, learned.inserted, references, problems]
    while len(packed) > 1 and not packed[-1] and packed[-1] != 0:
        packed.pop()
    return packed


def _unpack(packed: Packed) -> Learned:
    """What `_pack` made of something learned; the file's checksum and `stamp` say that it was this version's."""
    whole = packed + [None, "", [], []][len(packed) - 1 :]
    flow_id, at, inserted, references, problems = whole
    return Learned(
        cast("str", flow_id),
        cast("int | None", at),
        cast("str", inserted),
        tuple(FlowReference(*reference) for reference in cast("list[list[str]]", references)),  # type: ignore[arg-type]
        tuple(_problem(problem) for problem in cast("list[list[str]]", problems)),
    )


def _problem(packed: list[str]) -> Diagnostic:
    code, severity, summary, detail, hint, line, column, place = packed
    return Diagnostic(code, severity, summary, detail, hint, None, line, column, place)  # type: ignore[arg-type]
