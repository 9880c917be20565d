"""Lines of a text as Java has them."""

from __future__ import annotations

import re

_END = re.compile(r"\r\n|\n|\r")


def lines_of(text: str) -> list[str]:
    """The lines without their ends, which are LF, CR and CR LF alone; what follows the last end counts if it is not
    empty."""
    found = _END.split(text)
    if found[-1] == "":
        found.pop()
    return found
