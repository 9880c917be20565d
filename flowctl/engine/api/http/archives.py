"""ZIP files in and out, with bounds on what comes in."""

from __future__ import annotations

import io
import zipfile
import zlib
from collections.abc import Mapping

EPOCH = (1980, 1, 1, 0, 0, 0)
CHUNK = 1024 * 1024


class BadArchive(Exception):
    """A ZIP that is not taken; `str()` says why."""


def pack(files: Mapping[str, bytes]) -> bytes:
    """A ZIP with these entries. The same content gives the same bytes: entries carry no time."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as archive:
        for name, data in files.items():
            archive.writestr(zipfile.ZipInfo(name, EPOCH), data, zipfile.ZIP_DEFLATED)
    return out.getvalue()


def entries(data: bytes, most_entries: int, most_bytes: int) -> list[tuple[str, bytes]]:
    """The files of a ZIP as `(name, content)`.

    Raises:
        BadArchive: not a ZIP, damaged, encrypted, a name that climbs out, or past the bounds once unpacked (what
            the directory promises is not believed).
    """
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            return _read_all(archive, most_entries, most_bytes)
    except (zipfile.BadZipFile, zlib.error, NotImplementedError, RuntimeError, EOFError, ValueError, OSError) as error:
        raise BadArchive(f"not a readable ZIP file: {error}") from None


def _read_all(archive: zipfile.ZipFile, most_entries: int, most_bytes: int) -> list[tuple[str, bytes]]:
    found, left = [], most_bytes
    infos = [info for info in archive.infolist() if not info.is_dir()]
    if len(infos) > most_entries:
        raise BadArchive(f"the ZIP file has {len(infos)} entries, at most {most_entries} are taken")
    for info in infos:
        if _climbs(info.filename):
            raise BadArchive(f"the ZIP entry {info.filename!r} leads outside")
        content = _read_one(archive, info, left)
        left -= len(content)
        found.append((info.filename, content))
    return found


def _read_one(archive: zipfile.ZipFile, info: zipfile.ZipInfo, left: int) -> bytes:
    chunks, size = [], 0
    with archive.open(info) as file:
        while chunk := file.read(min(CHUNK, left + 1)):
            size += len(chunk)
            if size > left:
                raise BadArchive("the ZIP file is too large once unpacked")
            chunks.append(chunk)
    return b"".join(chunks)


def _climbs(name: str) -> bool:
    parts = name.replace("\\", "/").split("/")
    return name.startswith(("/", "\\")) or ".." in parts or ":" in parts[0] or "\0" in name
