"""The token of a server that was given no credentials: made once, in a file that only its owner can read."""

from __future__ import annotations

import os
import secrets
import stat
from dataclasses import replace
from pathlib import Path

from flowctl.engine.settings import Credentials, Settings
from flowctl.errors import ServerError

_ANEW = "delete it: the next start makes a new token"


def with_credentials(settings: Settings) -> Settings:
    """The settings with a way in: as given, else with the token of `settings.token_file`, made when it is not there.

    Raises:
        ServerError: the file can be read by others (`S310`) or cannot be written (`S302`).
    """
    if settings.credentials.given:
        return settings
    credentials = Credentials(token=_token(settings.token_file), readonly_token=settings.credentials.readonly_token)
    return replace(settings, credentials=credentials)


def _token(path: Path) -> str:
    try:
        return _read(path)
    except FileNotFoundError:
        pass
    except OSError as error:
        raise ServerError.of("S302", f"{path} cannot be read: {error.strerror}") from None
    return _new_token(path)


def _read(path: Path) -> str:
    mode = stat.S_IMODE(path.stat().st_mode)
    if mode & 0o077:
        raise ServerError.of(
            "S310",
            f"{path} can be read by others (mode {mode:04o})",
            hint=f"run `chmod 600 {path}`, or delete it: the next start makes a new token",
        )
    try:
        token = path.read_text("ascii").strip()
    except UnicodeDecodeError:
        raise ServerError.of("S310", f"{path} holds no token", hint=_ANEW) from None
    if not token:
        raise ServerError.of("S310", f"{path} is empty", hint=_ANEW)
    return token


def _new_token(path: Path) -> str:
    token = secrets.token_urlsafe(32)
    try:
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except OSError as error:
        raise ServerError.of("S302", f"{path} cannot be written: {error.strerror}") from None
    with os.fdopen(handle, "w") as file:
        file.write(token + "\n")
    return token
