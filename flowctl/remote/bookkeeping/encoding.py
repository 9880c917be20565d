"""JSON in a value of the key-value store: compressed, with a format version and a checksum."""

from __future__ import annotations

import base64
import binascii
import hashlib
import zlib
from collections.abc import Mapping

import orjson

FORMAT = "1.0"
MAJOR = FORMAT.partition(".")[0]
LEVEL = 6


class Unreadable(Exception):
    """A record that cannot be read; `str()` says why."""


class TooNew(Unreadable):
    """A record that a newer flowctl wrote; it must not be overwritten."""


def pack(content: object) -> str:
    """JSON, compressed, as base64."""
    return base64.b64encode(zlib.compress(orjson.dumps(content), LEVEL)).decode("ascii")


def checksum(text: str) -> str:
    """SHA-256 in hex of a packed text."""
    return hashlib.sha256(text.encode("ascii", "replace")).hexdigest()


def unpack(text: str, expected: object) -> object:
    """What `pack` packed.

    Raises:
        Unreadable: the checksum is another, or the text is damaged.
    """
    if checksum(text) != expected:
        raise Unreadable("its checksum does not fit: it is damaged, or a write of it was cut short")
    try:
        value: object = orjson.loads(zlib.decompress(base64.b64decode(text, validate=True)))
    except (binascii.Error, zlib.error, ValueError) as error:
        raise Unreadable(f"it cannot be unpacked: {error}") from None
    return value


def envelope(value: object) -> Mapping[str, object]:
    """A stored value as an object of a format that this flowctl reads.

    Raises:
        Unreadable: it is no such object.
        TooNew: its format has a higher major number.
    """
    if not isinstance(value, dict) or not isinstance(value.get("format"), str):
        raise Unreadable("it is not a record of flowctl")
    major = value["format"].partition(".")[0]
    if major != MAJOR:
        if major.isdigit() and int(major) > int(MAJOR):
            raise TooNew(f"it has format {value['format']}, this flowctl reads {MAJOR}.x: use a newer flowctl")
        raise Unreadable(f"it has format {value['format']}, this flowctl reads {MAJOR}.x")
    return value
