"""Settings of the bundled server, from the command line and the environment."""

from __future__ import annotations

import ipaddress
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import get_args

from flowctl.errors import ServerError, UsageError
from flowctl.model.diagnostic import Diagnostic
from flowctl.model.environment import Dialect

MIB = 1024 * 1024
PREFIX = "FLOWCTL_SERVER_"
SHORTEST_RETENTION = timedelta(hours=1)


@dataclass(frozen=True, slots=True)
class Credentials:
    """Who may come in. Any of the three ways is enough; `readonly_token` may only read."""

    username: str | None = None
    password: str | None = field(default=None, repr=False)
    token: str | None = field(default=None, repr=False)
    readonly_token: str | None = field(default=None, repr=False)

    @property
    def given(self) -> bool:
        """Whether there is any way in."""
        return bool(self.token or (self.username and self.password) or self.readonly_token)


@dataclass(frozen=True, slots=True)
class Limits:
    """What a request may be, in bytes unless said otherwise; past it a 4xx says which limit."""

    flow_bytes: int = 4 * MIB
    bulk_bytes: int = 128 * MIB
    upload_bytes: int = 128 * MIB
    json_bytes: int = 8 * MIB
    value_bytes: int = 10 * MIB
    unpacked_bytes: int = 256 * MIB
    zip_entries: int = 20_000
    query_bytes: int = 16 * 1024
    header_bytes: int = 64 * 1024


@dataclass(frozen=True, slots=True)
class Settings:
    """Everything `serve` needs. `token_file` is where a made-up token is put when no credentials were given.
    `retention` is how long executions are kept after their end; None: until somebody deletes them."""

    data: Path
    host: str = "127.0.0.1"
    port: int = 8080
    dialect: Dialect = "lenient"
    credentials: Credentials = Credentials()
    limits: Limits = Limits()
    tls_cert: Path | None = None
    tls_key: Path | None = None
    insecure: bool = False
    retention: timedelta | None = None

    @property
    def token_file(self) -> Path:
        """Where the token stands that is made when no credentials are given; readable by its owner only."""
        return self.data / "token"

    @property
    def loopback(self) -> bool:
        """Whether only this machine can reach the server."""
        if self.host == "localhost":
            return True
        try:
            return ipaddress.ip_address(self.host).is_loopback
        except ValueError:
            return False


def from_environ(
    environ: Mapping[str, str],
    *,
    data: Path | None = None,
    host: str | None = None,
    port: int | None = None,
    dialect: str | None = None,
    tls_cert: Path | None = None,
    tls_key: Path | None = None,
    insecure: bool = False,
    retention: str | None = None,
) -> Settings:
    """Settings where an argument beats `FLOWCTL_SERVER_*`, and that the default.

    Raises:
        UsageError: a value is not what it must be.
        ServerError: a host that others can reach without credentials or without TLS (`S305`, `S306`).
    """
    settings = Settings(
        data=data or Path(environ.get(PREFIX + "DATA", ".flowctl/server")),
        host=host or environ.get(PREFIX + "HOST", "127.0.0.1"),
        port=_port(port if port is not None else environ.get(PREFIX + "PORT", "8080")),
        dialect=_dialect(dialect or environ.get(PREFIX + "DIALECT", "lenient")),
        credentials=_credentials(environ),
        tls_cert=tls_cert,
        tls_key=tls_key,
        insecure=insecure,
        retention=_retention(retention or environ.get(PREFIX + "RETENTION", "")),
    )
    check(settings)
    return settings


def check(settings: Settings) -> None:
    """Refuse what would be unsafe.

    Raises:
        ServerError: see `from_environ`.
    """
    if bool(settings.tls_cert) != bool(settings.tls_key):
        raise _refusal("S306", "--tls-cert and --tls-key belong together", "give both files, or neither")
    if settings.loopback:
        return
    if not settings.credentials.given:
        raise _refusal(
            "S305",
            f"host {settings.host} can be reached from other machines, and no credentials are set",
            "set FLOWCTL_SERVER_TOKEN, or FLOWCTL_SERVER_USERNAME and FLOWCTL_SERVER_PASSWORD; or use 127.0.0.1",
        )
    if not settings.tls_cert and not settings.insecure:
        raise _refusal(
            "S306",
            f"host {settings.host} can be reached from other machines, and there is no TLS",
            "give --tls-cert and --tls-key, or --insecure when something in front encrypts",
        )


def _credentials(environ: Mapping[str, str]) -> Credentials:
    found = Credentials(
        username=environ.get(PREFIX + "USERNAME") or None,
        password=environ.get(PREFIX + "PASSWORD") or None,
        token=environ.get(PREFIX + "TOKEN") or None,
        readonly_token=environ.get(PREFIX + "READONLY_TOKEN") or None,
    )
    if bool(found.username) != bool(found.password):
        missing = "PASSWORD" if found.username else "USERNAME"
        raise _refusal("S307", f"{PREFIX}{missing} is not set", "set both user name and password, or neither")
    return found


def _port(value: int | str) -> int:
    text = str(value)
    if not text.isdigit() or int(text) > 65535:
        raise UsageError(Diagnostic("S308", "error", f"{value!r} is not a port", hint="a number from 0 to 65535"))
    return int(text)


def _dialect(value: str) -> Dialect:
    for known in get_args(Dialect):
        if value == known:
            return known  # type: ignore[no-any-return]  # get_args is untyped; `known` is one of the literals
    raise UsageError(
        Diagnostic("S308", "error", f"{value!r} is not a dialect", hint=f"one of {', '.join(get_args(Dialect))}")
    )


def _retention(value: str) -> timedelta | None:
    from flowctl.language.durations import read_duration

    if not value:
        return None
    try:
        found = read_duration(value)
    except ValueError:
        found = timedelta()
    if found < SHORTEST_RETENTION:
        summary = f"{value!r} is no time to keep executions for"
        raise UsageError(Diagnostic("S308", "error", summary, hint="a duration of an hour or more: P30D, or 90d"))
    return found


def _refusal(code: str, summary: str, hint: str) -> ServerError:
    return ServerError(Diagnostic(code, "error", summary, hint=hint))
