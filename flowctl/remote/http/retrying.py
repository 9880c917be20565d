"""When a request is sent again: only when that cannot do harm."""

from __future__ import annotations

import random
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

from flowctl.errors import ServerError, ServerRefused, ServerUnreachable

ATTEMPTS = 4
FIRST_PAUSE = 0.2
LONGEST_PAUSE = 60.0
NEVER_TRIED = frozenset({429})
PASSING = frozenset({429, 502, 503, 504})
Pause = Callable[[float], None]


@dataclass(frozen=True, slots=True)
class Retry:
    """Rules of one request. `again` are the statuses after which it is repeated.

    A request that may have been carried out (`repeatable` False) is repeated only when it certainly did not arrive.
    """

    repeatable: bool
    attempts: int = ATTEMPTS

    def pause_after(self, error: ServerError, attempt: int) -> float | None:
        """Seconds to wait before the next attempt (`attempt` counts from 1), or None to give up."""
        if attempt >= self.attempts:
            return None
        if isinstance(error, ServerUnreachable):
            passing = error.diagnostics[0].code not in LASTING
            return _backoff(attempt) if passing and (self.repeatable or not error.sent) else None
        if isinstance(error, ServerRefused) and error.status in (PASSING if self.repeatable else NEVER_TRIED):
            wanted = error.retry_after if error.retry_after is not None else _backoff(attempt)
            return wanted if wanted <= LONGEST_PAUSE else None
        return None


# A wrong name, an untrusted certificate or a web page will be the same a second later.
LASTING = frozenset({"S111", "S114", "S209", "S210"})
REPEATABLE = Retry(repeatable=True)
ONCE = Retry(repeatable=False)


def _backoff(attempt: int) -> float:
    return FIRST_PAUSE * 4.0 ** (attempt - 1) * random.uniform(0.8, 1.2)  # jitter, not a secret


def retry_after(headers: Mapping[str, str], now: datetime | None = None) -> float | None:
    """Seconds of a `Retry-After` header, given as a number or as a date; None when absent or unreadable."""
    text = headers.get("retry-after", "").strip()
    if not text:
        return None
    if text.isdigit():
        return float(text)
    try:
        at = parsedate_to_datetime(text)
    except ValueError:
        return None
    return max(0.0, (at - (now or datetime.now(UTC))).total_seconds())
