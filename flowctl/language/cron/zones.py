"""Time zones by the names a Kestra server takes: IANA names, `Z`, `UTC`, and offsets such as `+02:00` or `GMT+2`."""

from __future__ import annotations

import re
from datetime import UTC, timedelta, timezone, tzinfo
from functools import lru_cache
from importlib import resources
from zoneinfo import ZoneInfo

_OFFSET = re.compile(r"(?:GMT|UTC|UT)?([+-])(\d{1,2})(?::?(\d{2}))?(?::?(\d{2}))?")
_REFUSED = frozenset(("EST", "MST", "HST", "ROC", "Factory", "localtime", "posixrules"))
"""Names that the time zone database has and `java.time.ZoneId` has not."""


@lru_cache(maxsize=512)
def zone(name: str) -> tzinfo:
    """The zone of a name; names are case-sensitive.

    Raises:
        ValueError: there is no such zone.
    """
    if name in ("Z", "UTC", "GMT", "UT", "Etc/UTC"):
        return UTC
    match = _OFFSET.fullmatch(name)
    if match is not None:
        return _fixed(name, match)
    if name in _REFUSED or name not in _names():
        raise ValueError(f"not a time zone: {name!r}")
    return ZoneInfo(name)


def _fixed(name: str, match: re.Match[str]) -> tzinfo:
    offset = timedelta(hours=int(match[2]), minutes=int(match[3] or 0), seconds=int(match[4] or 0))
    if offset > timedelta(hours=18) or int(match[3] or 0) > 59:
        raise ValueError(f"not a time zone: {name!r}")
    return timezone(-offset if match[1] == "-" else offset)


@lru_cache(maxsize=1)
def _names() -> frozenset[str]:
    """All names of the database, spelled as there; a file system may not tell upper from lower case."""
    return frozenset(resources.files("tzdata").joinpath("zones").read_text().split())
