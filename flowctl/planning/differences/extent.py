"""How much of a text changed: its meaning, or only comments, or only layout."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from flowctl.model.plan import Extent
from flowctl.planning.differences.explain import same

if TYPE_CHECKING:
    from flowctl.flowtext.document import Document

_COMMENT = re.compile(r"(?:^|\s)(#.*)$", re.MULTILINE)


def extent(before: str, after: str, old: Document | None, new: Document | None) -> Extent:
    """What kind of change leads from one text to another.

    With equal documents whatever looks like a comment inside a value is the same on both sides, so that comparing
    everything that looks like one is enough.
    """
    if old is None or new is None or not same(old.value, new.value):
        return Extent.CONTENT
    return Extent.FORMATTING if _comments(before) == _comments(after) else Extent.COMMENTS


def _comments(text: str) -> list[str]:
    return [comment.rstrip() for comment in _COMMENT.findall(text)]
