"""What is ours: the ledger, and what an apply that was cut short had set out to write."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from flowctl.flowtext.digests import keyed_digest
from flowctl.model.keys import FileKey, FlowKey, ObjectKey
from flowctl.model.ledger import Intent, LedgerEntry
from flowctl.model.live import LiveFile, LiveFlow, LiveKeyValue, LiveState

LiveObject = LiveFlow | LiveFile | LiveKeyValue


@dataclass(frozen=True, slots=True)
class Ownership:
    """Who owns what.

    `entries` are the ledger's, corrected by the intents that came true; `recorded` are the ledger's own. An intent
    of a lock that was never given back came true when the live object equals it: an apply that was killed between a
    write and the ledger wrote it.
    """

    entries: Mapping[ObjectKey, LedgerEntry]
    recorded: Mapping[ObjectKey, LedgerEntry]
    digest_key: str | None

    def same(self, recorded: str | None, live: str | None) -> bool:
        """Whether a live digest is the recorded one; a recorded one of a secret value is keyed."""
        if recorded is None or live is None:
            return recorded is live
        if recorded.startswith("hmac:"):
            return self.digest_key is not None and keyed_digest(self.digest_key, live) == recorded
        return recorded == live

    def keyed(self, digest: str | None) -> str | None:
        """The digest of a secret value as it may be written down; None when there is no key to make it with."""
        if digest is None or self.digest_key is None:
            return None
        return keyed_digest(self.digest_key, digest)


def ownership(live: LiveState) -> Ownership:
    """Who owns what on a server."""
    ledger = live.ledger
    recorded: Mapping[ObjectKey, LedgerEntry] = ledger.entries if ledger is not None else {}
    known = Ownership(recorded, recorded, ledger.digest_key if ledger is not None else None)
    lock = live.lock
    if lock is None or lock.released or not lock.intents:
        return known
    entries = dict(recorded)
    for intent in lock.intents:
        _settle(intent, live, known, entries, f"{lock.owner}@{lock.host}")
    return Ownership(entries, recorded, known.digest_key)


def _settle(intent: Intent, live: LiveState, known: Ownership, entries: dict[ObjectKey, LedgerEntry], by: str) -> None:
    found = live_object(live, intent.key)
    if found is None:
        if intent.digest is None:
            entries.pop(intent.key, None)
    elif intent.digest is not None and known.same(intent.digest, found.digest):
        assert live.lock is not None
        entries[intent.key] = LedgerEntry(
            intent.recorded or intent.digest, revision_of(found), None, live.lock.taken_at, by
        )


def live_object(live: LiveState, key: ObjectKey) -> LiveObject | None:
    """The live object of a key, of whatever kind."""
    if isinstance(key, FlowKey):
        return live.flows.get(key)
    return live.files.get(key) if isinstance(key, FileKey) else live.kv.get(key)


def revision_of(found: LiveObject) -> int | None:
    """The revision of a flow or key-value; files have none."""
    return None if isinstance(found, LiveFile) else found.revision
