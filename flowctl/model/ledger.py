"""What flowctl last applied to an environment, and who is applying now. Both live on the server."""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from flowctl.model.keys import FlowKey, ObjectKey, TriggerKey

KEYED = "hmac:"
"""How the digest of a secret value begins as it is written down: keyed, so that nobody can find the value by trying."""


@dataclass(frozen=True, slots=True)
class LedgerEntry:
    """One owned object as it was last written. `revision` is None for files; `by` is `user@host`.

    `digest` is the plain digest, or for a value that came from a variable a keyed one (prefix `KEYED`).
    """

    digest: str
    revision: int | None
    commit: str | None
    at: datetime
    by: str


@dataclass(frozen=True, slots=True)
class Ledger:
    """The ledger of one environment.

    `lineage` is made once and never changes: a plan made for another lineage is refused. `serial` grows by one
    with every apply that writes. `digest_key` (hex) keys the digests of secret values. `applied_at` and `applied_by`
    are of the last apply, which may have left no entry behind; None in ledgers that do not say it.
    """

    lineage: str
    serial: int
    digest_key: str
    entries: Mapping[ObjectKey, LedgerEntry] = field(default_factory=dict)
    git_commit: str | None = None
    applied_at: datetime | None = None
    applied_by: str | None = None

    def keyed(self, digest: str) -> str:
        """A plain digest as it may be written down when the value is secret."""
        return keyed_digest(self.digest_key, digest)


def keyed_digest(key: str, digest: str) -> str:
    """A digest of a digest under a hex key: `KEYED` and hex."""
    return KEYED + hmac.new(bytes.fromhex(key), digest.encode(), hashlib.sha256).hexdigest()


def same_digest(ledger: Ledger | None, recorded: str, found: str) -> bool:
    """Whether a plain digest is the recorded one. A keyed one is never, without the ledger that has its key."""
    if not recorded.startswith(KEYED):
        return recorded == found
    return ledger is not None and ledger.keyed(found) == recorded


@dataclass(frozen=True, slots=True)
class Intent:
    """An object that an apply is about to write: afterwards it has `digest`, or is gone when None. `recorded` is what
    the ledger is to have then, where that is another digest (`Change.kept_off`)."""

    key: ObjectKey
    digest: str | None
    recorded: str | None = None


@dataclass(frozen=True, slots=True)
class Stopped:
    """A flow that is disabled for a while, so that nothing starts it.

    It goes back to the text of `revision`, which has `digest`, as long as the server has the one with `meanwhile`.
    """

    flow: FlowKey
    revision: int
    digest: str
    meanwhile: str

    @property
    def intents(self) -> tuple[Intent, Intent]:
        """Both texts are ours, whenever the apply is cut short."""
        return Intent(self.flow, self.digest), Intent(self.flow, self.meanwhile)


@dataclass(frozen=True, slots=True)
class Lock:
    """Who holds an environment, until when, and what they set out to write (`intents` outlive a killed apply).

    `process` names the holder's process on its machine, so that a dead holder can be told from a slow one. `paused` are
    triggers (flow and id) that the holder switched off for a while, `stopped` flows that it disabled; who takes the
    lock over switches them on again. `stay_off` are triggers that were disabled before their flows were written, and
    that the server may switch on then; who takes the lock over disables them again.
    """

    id: str
    owner: str
    host: str
    taken_at: datetime
    expires_at: datetime
    plan_id: str
    intents: tuple[Intent, ...] = ()
    released: bool = False
    process: str | None = None
    paused: tuple[TriggerKey, ...] = ()
    stopped: tuple[Stopped, ...] = ()
    stay_off: tuple[TriggerKey, ...] = ()

    @property
    def unfinished(self) -> bool:
        """Whether triggers or flows may be on or off that the holder has yet to put right."""
        return not self.released and bool(self.paused or self.stopped or self.stay_off)

    def drained(self, flow: FlowKey, revision: int | None, digest: str) -> bool:
        """Whether the text with this digest is what an apply that was cut short made of that revision, or put back."""
        return not self.released and any(
            one.flow == flow and one.revision == revision and digest in (one.digest, one.meanwhile)
            for one in self.stopped
        )


@dataclass(frozen=True, slots=True)
class Unlocked:
    """What was put back when a lock was ended: triggers switched on, flows that got their text back, triggers that
    were disabled again. `left` are flows that somebody edited since."""

    lock: Lock
    triggers: tuple[TriggerKey, ...] = ()
    flows: tuple[FlowKey, ...] = ()
    left: tuple[FlowKey, ...] = ()
    disabled: tuple[TriggerKey, ...] = ()
