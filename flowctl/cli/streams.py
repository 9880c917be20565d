"""Output streams that never fail on a character: what an encoding lacks is escaped as in JSON."""

from __future__ import annotations

import codecs
import io
from typing import TextIO

_ESCAPED = "flowctl-escaped"


def escape_unknown(stream: TextIO) -> None:
    r"""Let a stream write `\u2603` for a character that its encoding lacks; one without an encoding is left alone.

    Above U+FFFF it is a pair of surrogates, so that a document in JSON stays one and means the same.
    """
    if isinstance(stream, io.TextIOWrapper):
        codecs.register_error(_ESCAPED, _escape)
        stream.reconfigure(errors=_ESCAPED)


def _escape(problem: UnicodeError) -> tuple[str, int]:
    if not isinstance(problem, UnicodeEncodeError):
        raise problem
    units = problem.object[problem.start : problem.end].encode("utf-16-be", "surrogatepass")
    return "".join(f"\\u{units[at : at + 2].hex()}" for at in range(0, len(units), 2)), problem.end
