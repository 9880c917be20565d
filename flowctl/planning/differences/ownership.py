"""What is ours: the ledger, and what an apply that was cut short had set out to write."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from flowctl.model.keys import ObjectKey
from flowctl.model.ledger import Ledger, LedgerEntry, same_digest
from flowctl.model.live import LiveState
from flowctl.model.settling import settle


@dataclass(frozen=True, slots=True)
class Ownership:
    """Who owns what.

    `entries` are the ledger's, corrected by the intents that came true; `recorded` are the ledger's own.
    """

    entries: Mapping[ObjectKey, LedgerEntry]
    recorded: Mapping[ObjectKey, LedgerEntry]
    ledger: Ledger | None

    def same(self, recorded: str | None, live: str | None) -> bool:
        """Whether a live digest is the recorded one; a recorded one of a secret value is keyed."""
        if recorded is None or live is None:
            return recorded is live
        return same_digest(self.ledger, recorded, live)

    def keyed(self, digest: str | None) -> str | None:
        """The digest of a secret value as it may be written down; None when there is no key to make it with."""
        return None if digest is None or self.ledger is None else self.ledger.keyed(digest)


def ownership(live: LiveState) -> Ownership:
    """Who owns what on a server."""
    recorded = live.ledger.entries if live.ledger is not None else {}
    return Ownership(settle(live.ledger, live.lock, live).entries, recorded, live.ledger)
