"""Names that are one and the same on disks that do not tell upper from lower case, as those of macOS and Windows."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import count
from pathlib import PurePosixPath
from unicodedata import normalize


def folded(name: str) -> str:
    """What two names have in common that such a disk takes for one."""
    return normalize("NFC", name).casefold()


def twin(name: str, others: Iterable[str]) -> str | None:
    """The other name that such a disk takes for this one; None when there is none."""
    return next((other for other in others if other != name and folded(other) == folded(name)), None)


def numbered(path: str, others: Iterable[str]) -> str:
    """The path with the first number, from 2, that makes its name like no other: `a-2.yaml`."""
    found, taken = PurePosixPath(path), {folded(other) for other in others}
    names = (f"{found.stem}-{number}{found.suffix}" for number in count(2))
    return str(found.with_name(next(name for name in names if folded(name) not in taken)))


def steps(path: str) -> Iterator[tuple[str, str]]:
    """Each directory on the way to a file with the name in it: `a/b/c` has (``, a), (a, b) and (a/b, c)."""
    parts = PurePosixPath(path).parts
    for index, part in enumerate(parts):
        yield "/".join(parts[:index]), part
