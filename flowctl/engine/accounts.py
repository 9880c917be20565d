"""Running the processes of tasks as another user of the machine, who cannot read what belongs to the server."""

from __future__ import annotations

import os
import pwd
import stat
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from flowctl.errors import ServerError

VARIABLE = "FLOWCTL_SERVER_TASK_USER"
PASSABLE, CLOSED = 0o711, 0o700
"""Others may pass the first kind of directory, and see nothing of it; they may not pass the second."""


@dataclass(frozen=True, slots=True)
class Account:
    """A user of the machine. `groups` are all of the user's, `gid` the first."""

    name: str
    uid: int
    gid: int
    groups: tuple[int, ...]
    home: str

    @property
    def variables(self) -> dict[str, str]:
        """What a login would set."""
        return {"USER": self.name, "LOGNAME": self.name, "HOME": self.home}

    def owns(self, descriptor: int) -> None:
        """Give it an open file or pipe, so that a process can open its own standard streams again by name."""
        os.fchown(descriptor, self.uid, self.gid)


def account_of(environ: Mapping[str, str]) -> Account | None:
    """The user that `FLOWCTL_SERVER_TASK_USER` names; None when tasks run as the server's own.

    Raises:
        ServerError: `S312`, there is no such user.
    """
    name = environ.get(VARIABLE)
    if not name:
        return None
    try:
        found = pwd.getpwnam(name)
    except KeyError:
        raise _refusal(f"{VARIABLE} is {name!r}, and this machine has no such user", "name another user") from None
    groups = os.getgrouplist(name, found.pw_gid)
    return Account(name, found.pw_uid, found.pw_gid, tuple(groups), found.pw_dir)


def prepare(data: Path, environ: Mapping[str, str]) -> Account | None:
    """Check that tasks can run as the user who was named, and let that user pass to the working directories.

    Raises:
        ServerError: `S312`, the server is not the superuser, or the way to `data` is closed for the user.
    """
    account = account_of(environ)
    if account is None:
        return None
    if os.geteuid() != 0 or account.uid == 0:
        raise _refusal(
            f"{VARIABLE} is {account.name!r}, and only a server of the superuser can run tasks as another user",
            "start the server as the superuser, or do without the variable",
        )
    work = data.absolute() / "work"
    work.mkdir(parents=True, exist_ok=True)
    storage = data.absolute() / "storage"
    storage.mkdir(exist_ok=True)
    storage.chmod(CLOSED)
    for directory in (data.absolute(), work):
        directory.chmod(PASSABLE)
    closed = next((one for one in work.parents if not _passable(one, account)), None)
    if closed is not None:
        raise _refusal(
            f"the user {account.name!r} of {VARIABLE} cannot pass the directory {closed}",
            "choose a --data directory that every user can pass to, such as /var/lib/flowctl",
        )
    return account


def _passable(directory: Path, account: Account) -> bool:
    found = directory.stat()
    if found.st_uid == account.uid:
        return bool(found.st_mode & stat.S_IXUSR)
    if found.st_gid in account.groups:
        return bool(found.st_mode & stat.S_IXGRP)
    return bool(found.st_mode & stat.S_IXOTH)


def hand_over(directory: Path, account: Account) -> None:
    """Give a working directory to the user, with all files in it. Links are not followed, and files of several names
    left alone, as one of these names may be elsewhere."""
    os.chown(directory, account.uid, account.gid)
    for folder, directories, files in os.walk(directory):
        for name in (*directories, *files):
            path = os.path.join(folder, name)  # noqa: PTH118  # os.walk gives texts
            found = os.lstat(path)
            if stat.S_ISDIR(found.st_mode) or (stat.S_ISREG(found.st_mode) and found.st_nlink == 1):
                os.chown(path, account.uid, account.gid, follow_symlinks=False)


def _refusal(summary: str, hint: str) -> ServerError:
    return ServerError.of("S312", summary, hint=hint)
