"""Several flows in one text. A separator is a line that is exactly `---`, so one inside a string does no harm."""

from __future__ import annotations

import re

_SEPARATOR = re.compile(r"^---[ \t]*\r?(?=\n|\Z)", re.MULTILINE)


def split(text: str) -> list[str]:
    """The documents of a text, as they stand between separators: a later one begins with the newline that followed
    its separator (seen on real servers). A separator at the very start opens the first document; documents of
    white space alone are left out."""
    parts = _SEPARATOR.split(text)
    return [part for part in parts if part.strip()]


def for_validation(text: str) -> list[str]:
    """The documents of a text for validate, where an empty one counts too (index by index with what was sent). The
    newline behind a separator is left out: so a text is the same one that is saved later, and its lines count from 1.
    """
    lead = _SEPARATOR.match(text)
    first, *others = _SEPARATOR.split(text[lead.end() :] if lead else text)
    return [first, *(part.removeprefix("\n") for part in others)]
