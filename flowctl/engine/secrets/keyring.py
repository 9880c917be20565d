"""The keys that seal secrets: a file beside the database that only its owner can read."""

from __future__ import annotations

import base64
import json
import os
import secrets
import stat
from dataclasses import dataclass
from pathlib import Path

from flowctl.errors import ServerError

KEY_BYTES = 32


@dataclass(frozen=True, slots=True)
class Keyring:
    """Keys by their names; `current` seals, the others only open what was sealed before a rotation."""

    current: str
    keys: dict[str, bytes]

    @property
    def current_key(self) -> bytes:
        """The key that seals."""
        return self.keys[self.current]

    def key(self, name: str) -> bytes:
        """A key by its name.

        Raises:
            ServerError: `S311`, the ring has none of that name.
        """
        if name not in self.keys:
            raise no_key(name)
        return self.keys[name]

    def with_new_key(self) -> Keyring:
        """A ring with one more key, which is the current one."""
        name = secrets.token_hex(8)
        return Keyring(name, {**self.keys, name: secrets.token_bytes(KEY_BYTES)})

    def knowing(self, other: Keyring) -> Keyring:
        """The same ring with the keys of another one."""
        return Keyring(self.current, {**other.keys, **self.keys})

    def only_current(self) -> Keyring:
        """A ring without the keys that nothing is sealed with any more."""
        return Keyring(self.current, {self.current: self.current_key})


def no_key(name: str) -> ServerError:
    """What is said where a key is not in the ring."""
    hint = "put back the key file of a backup, which has that key"
    return ServerError.of("S311", f"a value is sealed by the key {name}, which the key file lacks", hint=hint)


def load(path: Path) -> Keyring:
    """The ring of a file, made when it is not there.

    Raises:
        ServerError: `S311`, others can read the file, or it is none of ours.
    """
    try:
        mode = stat.S_IMODE(path.stat().st_mode)
    except FileNotFoundError:
        made = Keyring("", {}).with_new_key()
        save(path, made)
        return made
    if mode & 0o077:
        hint = f"run `chmod 600 {path}`"
        raise ServerError.of("S311", f"the key file {path} can be read by others (mode {mode:04o})", hint=hint)
    try:
        value = json.loads(path.read_text())
        keys = {name: base64.b64decode(text, validate=True) for name, text in value["keys"].items()}
        return Keyring(value["current"], keys)
    except (ValueError, KeyError, TypeError, AttributeError):
        hint = "put back the file of a backup: without its keys the stored secrets cannot be read"
        raise ServerError.of("S311", f"the key file {path} is damaged", hint=hint) from None


def save(path: Path, ring: Keyring) -> None:
    """Write the ring so that a crash leaves the old file or the new one, readable by its owner only."""
    keys = {name: base64.b64encode(key).decode() for name, key in ring.keys.items()}
    text = json.dumps({"format": "1.0", "current": ring.current, "keys": keys})
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    fresh = path.with_suffix(".new")
    fresh.unlink(missing_ok=True)
    handle = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(handle, "w") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())
    fresh.replace(path)
