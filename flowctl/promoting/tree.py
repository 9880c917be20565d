"""The files of the target that a promotion changes, with their new bytes."""

from __future__ import annotations

from collections.abc import Callable

from flowctl.model.promotion import Promotion
from flowctl.promoting.pinning import move_pins
from flowctl.promoting.record import record_path, recorded

Reader = Callable[[str], bytes | None]
Tree = dict[str, bytes]


def changed_files(promotion: Promotion, environment_file: str, read: Reader) -> Tree:
    """Path relative to the workspace → new bytes: flows, namespace files, pins and the record.

    `read` gives a file's bytes, None where there is none; `environment_file` is the target's. A flow's file keeps its
    byte order mark and line ends, for its text came from the source's bytes.

    Raises:
        SpliceError, YamlProblem: a pin cannot be moved.
    """
    going = [flow for flow in promotion.flows if flow.goes]
    tree = {flow.path: flow.file_text.encode() for flow in going if flow.file_text is not None}
    for file in promotion.files:
        data = read(file.origin)
        if data is not None:
            tree[file.path] = data
    pins = {str(flow.target): flow.digest for flow in going if flow.move == "pin"}
    if pins:
        before = (read(environment_file) or b"").decode()
        tree[environment_file] = move_pins(before, pins).encode()
    record = record_path(promotion.target)
    known = read(record)
    tree[record] = recorded(promotion, known.decode("utf-8", "replace") if known is not None else None).encode()
    return tree
