"""The namespace files that go along with the flows that read them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from flowctl.model.keys import FileKey, FlowKey
from flowctl.model.promotion import PromotedFile, PromotedFlow
from flowctl.promoting.destination import Destinations
from flowctl.promoting.differing import Sides
from flowctl.promoting.uses import Uses


def files_along(flows: Iterable[PromotedFlow], uses: Mapping[FlowKey, Uses], sides: Sides) -> tuple[PromotedFile, ...]:
    """The source's files that promoted flows read and that the target's files do not have as they are.

    `uses` are by the target's key. Files that both environments read from one directory are equal by that.

    Raises:
        PlanError: P306, the target has no directory of its own.
    """
    destinations = Destinations(sides.source, sides.unpinned, sides.root)
    found = dict[FileKey, PromotedFile]()
    for flow in flows:
        for key in _read_by(flow, uses.get(flow.target, Uses()), sides):
            file, target = sides.source.files[key], sides.route.file(key)
            there = sides.target.files.get(target)
            if target not in found and (there is None or there.digest != file.digest):
                found[target] = PromotedFile(
                    key,
                    target,
                    "new" if there is None else "changed",
                    file.path,
                    destinations.file_path(file.path, str(target)),
                    file.digest,
                    file.size,
                    flow.target,
                )
    return tuple(found[key] for key in sorted(found))


def _read_by(flow: PromotedFlow, uses: Uses, sides: Sides) -> Iterator[FileKey]:
    for key in sides.source.files:
        if key.namespace == flow.source.namespace and (uses.all_files or key.path in uses.files):
            yield key
