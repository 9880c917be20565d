"""What flowctl keeps about itself on a server: ledger, lock and history, in an environment's root namespace."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from flowctl.errors import ServerError
from flowctl.flowtext.digests import kv_digest
from flowctl.model.history import HistoryEntry
from flowctl.model.keys import KvKey
from flowctl.model.ledger import Ledger, Lock
from flowctl.remote.bookkeeping import ledger as codec
from flowctl.remote.bookkeeping.encoding import TooNew, Unreadable
from flowctl.remote.bookkeeping.records import HISTORY, LOCK, decode_history, decode_lock, encode_history, encode_lock
from flowctl.remote.http.transport import Transport
from flowctl.remote.objects import values
from flowctl.remote.port import Operation

OWN = "flowctl."
KIND = "JSON"
HISTORY_LENGTH = 20


class Journal:
    """Reads and writes the records of one server; remembers what was read last, for fences and free part names."""

    def __init__(self, transport: Transport) -> None:
        self._transport = transport
        self._known: dict[str, dict[str, object]] = {}
        self._read_lock: tuple[object, Lock | None] = (None, None)

    def learn(self, namespace: str, found: Mapping[str, object]) -> None:
        """Take over the own values of a namespace, all of them, as a state request brought them."""
        self._known[namespace] = dict(found)

    def fetch(self, namespace: str, key: str) -> object:
        """One own value as it is now, or None."""
        found = values.read_value(self._transport, KvKey(namespace, key))
        known = self._known.setdefault(namespace, {})
        if found is None:
            known.pop(key, None)
            return None
        known[key] = found[1]
        return found[1]

    def fetch_ledger(self, namespace: str) -> None:
        """Read the ledger's head and the parts that it names."""
        for name in codec.parts_of(self.fetch(namespace, codec.HEAD)):
            self.fetch(namespace, name)

    def ledger(self, namespace: str) -> tuple[Ledger | None, str | None]:
        """The ledger read last, and why it could not be understood.

        Raises:
            ServerError: S213, a newer flowctl wrote it.
        """
        try:
            return codec.decode(self._known.get(namespace, {})), None
        except TooNew as error:
            raise _too_new("ledger", namespace, error) from None
        except Unreadable as error:
            return None, f"the ledger in {namespace}:{codec.HEAD} cannot be read: {error}"

    def lock(self, namespace: str) -> Lock | None:
        """The lock read last; a damaged one counts as none, for it was never taken whole.

        Raises:
            ServerError: S213, a newer flowctl wrote it.
        """
        value = self._known.get(namespace, {}).get(LOCK)
        seen, lock = self._read_lock
        if value is None or value == seen:  # asked before each write, and long: thousands of intents are in it
            return None if value is None else lock
        try:
            lock = decode_lock(value)
            self._read_lock = value, lock
            return lock
        except TooNew as error:
            raise _too_new("lock", namespace, error) from None
        except Unreadable:
            return None

    def write_ledger(self, namespace: str, ledger: Ledger) -> None:
        """Write the ledger with single writes, its head last."""
        known = self._known.get(namespace)
        if known is None or codec.HEAD not in known:
            self.fetch(namespace, codec.HEAD)
        old = self._parts(namespace)
        for key, value in codec.encode(ledger, old):
            self._put(namespace, key, value)
        for name in set(old) - set(self._parts(namespace)):
            values.delete_value(self._transport, KvKey(namespace, name))

    def write_lock(self, namespace: str, lock: Lock) -> None:
        """Write the lock, whatever was there."""
        self._put(namespace, LOCK, encode_lock(lock))

    def absorb(self, operations: Iterable[Operation]) -> None:
        """Learn what a batch that went through wrote."""
        for operation in operations:
            key = operation.key
            if isinstance(key, KvKey) and key.key.startswith(OWN):
                known = self._known.setdefault(key.namespace, {})
                if operation.delete:
                    known.pop(key.key, None)
                else:
                    known[key.key] = operation.value

    def write_history(self, namespace: str, entry: HistoryEntry) -> None:
        """Add an entry and drop the one that is too old."""
        self._put(namespace, HISTORY + str(entry.serial), encode_history(entry))
        for key in self._outlived(namespace, entry.serial):
            values.delete_value(self._transport, KvKey(namespace, key))

    def read_history(self, namespace: str, last: int) -> tuple[HistoryEntry, ...]:
        """The entries up to serial `last`, newest first; an unreadable one is left out."""
        found = []
        for serial in range(last, max(0, last - HISTORY_LENGTH), -1):
            value = self.fetch(namespace, HISTORY + str(serial))
            try:
                found += [decode_history(value)] if value is not None else []
            except Unreadable:
                continue
        return tuple(found)

    def ledger_operations(self, namespace: str, ledger: Ledger) -> tuple[Operation, ...]:
        """The same as operations of a batch; the head is fenced by what was read last."""
        old = self._parts(namespace)
        encoded = codec.encode(ledger, old)
        writes = [self._operation(namespace, key, value, fenced=key == codec.HEAD) for key, value in encoded]
        stale = set(old) - {key for key, _ in encoded}
        return (*writes, *(_removal(namespace, key) for key in sorted(stale)))

    def lock_operation(self, namespace: str, lock: Lock) -> Operation:
        """The lock as an operation of a batch, fenced by what was read last."""
        return self._operation(namespace, LOCK, encode_lock(lock), fenced=True)

    def history_operations(self, namespace: str, entry: HistoryEntry) -> tuple[Operation, ...]:
        """The history as operations of a batch."""
        key = HISTORY + str(entry.serial)
        write = self._operation(namespace, key, encode_history(entry), fenced=False)
        return (write, *(_removal(namespace, old) for old in self._outlived(namespace, entry.serial)))

    def _operation(self, namespace: str, key: str, value: object, *, fenced: bool) -> Operation:
        known = self._known.get(namespace, {}).get(key)
        expected = None if known is None else kv_digest(KIND, known)
        return Operation(KvKey(namespace, key), value=value, type=KIND, expected_digest=expected, check=fenced)

    def _parts(self, namespace: str) -> tuple[str, ...]:
        return codec.parts_of(self._known.get(namespace, {}).get(codec.HEAD))

    def _outlived(self, namespace: str, serial: int) -> list[str]:
        oldest = HISTORY + str(serial - HISTORY_LENGTH)
        known = [key for key in self._known.get(namespace, {}) if _too_old(key, serial)]
        return sorted({*known, oldest} if serial > HISTORY_LENGTH else known)

    def _put(self, namespace: str, key: str, value: object) -> None:
        values.put_value(self._transport, KvKey(namespace, key), KIND, value, None, None)
        self._known.setdefault(namespace, {})[key] = value


def _too_old(key: str, serial: int) -> bool:
    number = key.removeprefix(HISTORY)
    return key.startswith(HISTORY) and number.isdigit() and int(number) <= serial - HISTORY_LENGTH


def _removal(namespace: str, key: str) -> Operation:
    return Operation(KvKey(namespace, key), delete=True, check=False)


def _too_new(what: str, namespace: str, error: TooNew) -> ServerError:
    return ServerError.of(
        "S213",
        f"the {what} of namespace {namespace} was written by a newer flowctl",
        str(error),
        "install the flowctl version that your team applies with; this one would lose what it does not know",
    )
