"""Answers that a browser saves as a file: the name it gets."""

from __future__ import annotations

import re
from urllib.parse import quote

_PLAIN = re.compile(r"[A-Za-z0-9._ -]+")


def attachment(name: str) -> dict[str, str]:
    """The header that names the file. What a quoted ASCII name cannot hold goes in as RFC 8187 writes it.

    Names come from paths of requests, so that they may hold anything: quotes, line ends, other scripts.
    """
    if _PLAIN.fullmatch(name):
        return {"Content-Disposition": f'attachment; filename="{name}"'}
    return {"Content-Disposition": f"attachment; filename*=UTF-8''{quote(name, safe='', errors='replace')}"}
