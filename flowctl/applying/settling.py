"""What an apply that was cut short left behind: intents that came true are ours."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from flowctl.flowtext.digests import keyed_digest
from flowctl.model.keys import FileKey, FlowKey, ObjectKey
from flowctl.model.ledger import Intent, Ledger, LedgerEntry, Lock
from flowctl.model.live import LiveFile, LiveFlow, LiveKeyValue, LiveState

LiveObject = LiveFlow | LiveFile | LiveKeyValue


@dataclass(frozen=True, slots=True)
class Settled:
    """The entries of a ledger once intents are taken in; `kept` are the intents that still have to stand."""

    entries: Mapping[ObjectKey, LedgerEntry]
    kept: tuple[Intent, ...]


def settle(ledger: Ledger, lock: Lock | None, live: LiveState) -> Settled:
    """Take the intents of a lock that was never given back into the entries, where the live object equals them.

    They are kept beside the next lock until the ledger that knows them is written.
    """
    if lock is None or lock.released:
        return Settled(ledger.entries, ())
    entries, kept = dict(ledger.entries), list[Intent]()
    by = f"{lock.owner}@{lock.host}"
    for intent in lock.intents:
        have = live_object(live, intent.key)
        if have is None and intent.digest is None:
            if entries.pop(intent.key, None) is not None:
                kept.append(intent)
        elif have is not None and intent.digest is not None and same(ledger, intent.digest, have.digest):
            entries[intent.key] = LedgerEntry(
                intent.recorded or intent.digest, revision_of(have), None, lock.taken_at, by
            )
            kept.append(intent)
    return Settled(entries, tuple(kept))


def same(ledger: Ledger | None, recorded: str, live: str) -> bool:
    """Whether a live digest is the recorded one; that of a secret value is keyed."""
    if not recorded.startswith("hmac:"):
        return recorded == live
    return ledger is not None and keyed_digest(ledger.digest_key, live) == recorded


def live_object(live: LiveState, key: ObjectKey) -> LiveObject | None:
    """The live object of a key, of whatever kind."""
    if isinstance(key, FlowKey):
        return live.flows.get(key)
    return live.files.get(key) if isinstance(key, FileKey) else live.kv.get(key)


def revision_of(found: LiveObject) -> int | None:
    """The revision of a flow or key-value; files have none."""
    return None if isinstance(found, LiveFile) else found.revision
