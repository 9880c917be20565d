"""What an apply that was cut short left behind: intents that came true are ours. Plan and apply go by this one rule."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from flowctl.model.keys import ObjectKey
from flowctl.model.ledger import Intent, Ledger, LedgerEntry, Lock, same_digest
from flowctl.model.live import LiveState


@dataclass(frozen=True, slots=True)
class Settled:
    """The entries of a ledger once intents are taken in; `kept` are the intents that still have to stand."""

    entries: Mapping[ObjectKey, LedgerEntry]
    kept: tuple[Intent, ...] = ()


def settle(ledger: Ledger | None, lock: Lock | None, live: LiveState) -> Settled:
    """Take the intents of a lock that was never given back into the entries, where the live object equals them.

    An apply that was killed between a write and the ledger wrote such an object. The intents are kept beside the next
    lock until the ledger that knows them is written.
    """
    recorded: Mapping[ObjectKey, LedgerEntry] = ledger.entries if ledger is not None else {}
    if lock is None or lock.released or not lock.intents:
        return Settled(recorded)
    entries, kept = dict(recorded), list[Intent]()
    for intent in lock.intents:
        found = live.object(intent.key)
        if found is None and intent.digest is None:
            if entries.pop(intent.key, None) is not None:
                kept.append(intent)
        elif found is not None and intent.digest is not None and same_digest(ledger, intent.digest, found.digest):
            digest, by = intent.recorded or intent.digest, f"{lock.owner}@{lock.host}"
            entries[intent.key] = LedgerEntry(digest, found.revision, None, lock.taken_at, by)
            kept.append(intent)
    return Settled(entries, tuple(kept))
