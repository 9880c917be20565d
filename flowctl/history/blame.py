"""Which revision each line of a text comes from."""

from __future__ import annotations

from collections.abc import Sequence

from flowctl.history.matching import stretches
from flowctl.model.history import FlowRevision


def line_origins(revisions: Sequence[FlowRevision]) -> tuple[tuple[FlowRevision, str], ...]:
    """The lines of the last text, each with the revision that it came in with; `revisions` are oldest first.

    A tombstone begins anew: what is written again after it is new.
    """
    lines: list[tuple[FlowRevision, str]] = []
    for revision in revisions:
        if revision.deleted:
            lines = []
            continue
        old, new = [text for _, text in lines], revision.source.splitlines()
        found: list[tuple[FlowRevision, str]] = []
        for equal, start, end, new_start, new_end in stretches(old, new):
            fresh = ((revision, text) for text in new[new_start:new_end])
            found += lines[start:end] if equal else fresh
        lines = found
    return tuple(lines)
