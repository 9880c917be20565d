"""The ledger and the history as an apply goes on: written down is only what the server acknowledged."""

from __future__ import annotations

import secrets
from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import datetime
from uuid import uuid4

from flowctl.applying.fencing import digest_after
from flowctl.applying.secrets import Wanted
from flowctl.model.history import HistoryChange, HistoryEntry
from flowctl.model.keys import FileKey, KvKey, ObjectKey
from flowctl.model.ledger import KEYED, Intent, Ledger, LedgerEntry
from flowctl.model.live import LiveState
from flowctl.model.plan import Action, Change, Plan

Clock = Callable[[], datetime]
MOST_HISTORY = 500


def new_ledger() -> Ledger:
    """The ledger of an environment that has none."""
    return Ledger(lineage=str(uuid4()), serial=0, digest_key=secrets.token_hex(32))


class Books:
    """Keeps the entries of one apply. `settled` are the ledger's, corrected by intents that came true."""

    def __init__(
        self,
        plan: Plan,
        ledger: Ledger,
        settled: Mapping[ObjectKey, LedgerEntry],
        values: Mapping[ObjectKey, Wanted],
        by: str,
        clock: Clock,
    ) -> None:
        self._plan, self._ledger, self._values, self._by, self._clock = plan, ledger, values, by, clock
        self._before = settled
        self._entries = dict(settled)
        self._history: dict[ObjectKey, HistoryChange] = {}
        self.changed = settled != ledger.entries
        self.unsaved = self.changed

    @property
    def base(self) -> Ledger:
        """The ledger that this apply started from."""
        return self._ledger

    @property
    def serial(self) -> int:
        """The serial of the ledger as it would be written now."""
        return self._ledger.serial + 1 if self.changed else self._ledger.serial

    def record(self, change: Change, revision: int | None, digest: str | None) -> None:
        """Write down that a change took place. `digest` is the plain one of what the server has now."""
        if digest is None:
            self._entries.pop(change.key, None)
        else:
            self._entries[change.key] = self._entry(change.key, revision, change.kept_off or digest)
        self._history[change.key] = self._past(change, revision, digest)
        self.changed = self.unsaved = True

    def record_found(self, change: Change, live: LiveState) -> None:
        """Write down what is there, for a change that touches the ledger only or that took place before."""
        have = live.object(change.key)
        if have is None or change.action is Action.FORGET:
            self.record(change, None, None)
        else:
            self.record(change, have.revision, have.digest)

    def revision(self, key: ObjectKey) -> int | None:
        """The revision that is written down for an object."""
        entry = self._entries.get(key)
        return entry.revision if entry is not None else None

    def undo(self, key: ObjectKey, revision: int | None) -> None:
        """Write down that an object was put back as it was, under a new revision."""
        self._history.pop(key, None)
        before = self._before.get(key)
        if before is None:
            self._entries.pop(key, None)
        else:
            self._entries[key] = replace(before, revision=revision if revision is not None else before.revision)
        self.unsaved = True

    def put_back(self, key: ObjectKey, revision: int | None, digest: str) -> None:
        """Write down that a flow has its old text again, under a new revision. The history does not tell it."""
        if key in self._entries:
            self._entries[key] = replace(self._entries[key], digest=self.kept_digest(key, digest), revision=revision)
            self.changed = self.unsaved = True

    def _entry(self, key: ObjectKey, revision: int | None, digest: str) -> LedgerEntry:
        revision = None if isinstance(key, FileKey) else revision
        return LedgerEntry(self.kept_digest(key, digest), revision, self._commit(), self._clock(), self._by)

    def kept_digest(self, key: ObjectKey, digest: str) -> str:
        """The digest as it may be written down: keyed when the value came from a variable."""
        value = self._values.get(key)
        secret = value.secret if value is not None else self._was_secret(key)
        return self._ledger.keyed(digest) if secret else digest

    def _was_secret(self, key: ObjectKey) -> bool:
        before = self._before.get(key)
        return isinstance(key, KvKey) and before is not None and before.digest.startswith(KEYED)

    def _commit(self) -> str | None:
        git = self._plan.git
        if git is None:
            return None
        return f"{git.commit}-dirty" if git.dirty else git.commit

    def ledger(self) -> Ledger:
        """The ledger as of now."""
        self.unsaved = False
        return replace(
            self._ledger,
            serial=self.serial,
            entries=dict(self._entries),
            git_commit=self._commit(),
            applied_at=self._clock(),
            applied_by=self._by,
        )

    def history(self) -> HistoryEntry:
        """This apply, bounded."""
        changes = tuple(self._history.values())
        return HistoryEntry(
            self.serial,
            self._plan.id,
            self._commit(),
            self._by,
            self._clock(),
            changes[:MOST_HISTORY],
            omitted=max(0, len(changes) - MOST_HISTORY),
        )

    def _past(self, change: Change, revision: int | None, digest: str | None) -> HistoryChange:
        before = change.before
        return HistoryChange(
            change.key,
            change.action,
            self._digest_before(change),
            self.kept_digest(change.key, digest) if digest is not None else None,
            before.revision if before is not None else None,
            revision,
        )

    def _digest_before(self, change: Change) -> str | None:
        """That of the ledger, whatever somebody made of the object since; the live one of what nobody had applied."""
        known = self._before.get(change.key)
        if known is not None:
            return known.digest
        return change.before.digest if change.before is not None else None

    def intents(self) -> tuple[Intent, ...]:
        """What the plan is about to write, to be recorded before the first write."""
        return tuple(self._intent(change) for change in self._plan.changes if change.action in _WRITES)

    def _intent(self, change: Change) -> Intent:
        digest = digest_after(change, self._values)
        kept = self.kept_digest(change.key, digest) if digest is not None else None
        return Intent(change.key, kept, change.kept_off)


_WRITES = (Action.CREATE, Action.UPDATE, Action.DELETE)
