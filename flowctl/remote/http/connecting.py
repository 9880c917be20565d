"""An HTTP client for one environment: address, credentials, TLS, proxies, pool."""

from __future__ import annotations

import os
from collections.abc import Mapping
from typing import TYPE_CHECKING
from urllib.parse import SplitResult, urlsplit

from flowctl.errors import ServerError
from flowctl.model.environment import Environment
from flowctl.remote.http.credentials import authorization
from flowctl.remote.http.proxies import VARIABLES, unusable_proxies

if TYPE_CHECKING:
    import ssl

    import httpx

CONNECT_TIMEOUT = 10.0
API = "/api/v1"
AUTHORITIES = ("SSL_CERT_FILE", "SSL_CERT_DIR")


def server_address(environment: Environment, url: str | None) -> str:
    """The address without a trailing slash or `/api/v1`.

    Raises:
        ServerError: S103, it is no http(s) address, or has credentials in it.
    """
    address = (url or environment.server).rstrip("/").removesuffix(API)
    try:
        parts = urlsplit(address)
        host = parts.hostname
    except ValueError:
        parts, host = urlsplit(""), None
    if parts.scheme not in ("http", "https") or not host:
        raise _bad_address(
            environment, f"{address!r} is not an http:// or https:// address", "write it as https://HOST"
        )
    if parts.username or parts.password:
        hint = "remove them, and name variables that hold them in `auth`"
        raise _bad_address(environment, f"the address of {host} has credentials in it", hint)
    if not _port_is_sound(parts):
        hint = "a port is a number from 0 to 65535"
        raise _bad_address(environment, f"the address {address!r} has a port that is none", hint)
    return address


def _port_is_sound(parts: SplitResult) -> bool:
    try:
        return parts.port is None or parts.port >= 0
    except ValueError:
        return False


def _bad_address(environment: Environment, summary: str, hint: str) -> ServerError:
    return ServerError.of(
        "S103", summary, f"`server` of environment {environment.name}", hint, f"environments/{environment.path.name}"
    )


def http_client(
    environment: Environment,
    environ: Mapping[str, str],
    address: str,
    token: str | None,
    transport: httpx.BaseTransport | None = None,
) -> httpx.Client:
    """A client that authenticates, keeps connections alive and allows as many as the environment works in parallel.

    A bundled server is never asked through a proxy. Without TLS no certificates are loaded.

    Raises:
        ServerError: S101, a variable is missing; S102, a TLS file cannot be read; S116, the proxy has no sound address.
    """
    import httpx

    header = authorization(environment, environ, token)
    limits = httpx.Limits(max_connections=None, max_keepalive_connections=environment.parallelism + 2)
    verify = _verification(environment, address)
    try:
        return httpx.Client(
            headers={"Authorization": header} if header else {},
            timeout=httpx.Timeout(environment.timeout, connect=min(environment.timeout, CONNECT_TIMEOUT)),
            limits=limits,
            verify=verify,
            trust_env=not environment.bundled,
            transport=transport,
            follow_redirects=False,
        )
    except OSError as error:  # ssl.SSLError is one
        raise _no_authorities(error) from None
    except (ValueError, ImportError, httpx.InvalidURL):  # their texts may hold the proxy's password
        raise _bad_proxy() from None


def _no_authorities(error: OSError) -> ServerError:
    named = [f"{name}={os.environ[name]}" for name in AUTHORITIES if name in os.environ]
    return ServerError.of(
        "S102",
        f"the certificates of the authorities cannot be used: {error}",
        ", ".join(named),
        f"correct or unset {' and '.join(AUTHORITIES)}, or name a file as `tls.ca` of the environment",
    )


def _bad_proxy() -> ServerError:
    return ServerError.of(
        "S116",
        "the address of the proxy cannot be used",
        f"it is in {', '.join(unusable_proxies(os.environ)) or 'the settings of this machine'}",
        f"write it as http://HOST:PORT; check {VARIABLES}",
    )


class EncryptedKey(Exception):
    """A key that wants a passphrase; without this the TLS library would ask for it on the terminal."""


def _no_passphrase() -> str:
    raise EncryptedKey


def _verification(environment: Environment, address: str) -> ssl.SSLContext | bool:
    if address.startswith("http://"):
        return False
    tls = environment.tls
    if tls.ca is None and tls.cert is None:
        return True
    import ssl

    try:
        context = ssl.create_default_context(cafile=str(tls.ca) if tls.ca else None)
        if tls.cert is not None:
            context.load_cert_chain(tls.cert, tls.key, _no_passphrase)
    except EncryptedKey:
        raise ServerError.of(
            "S102",
            f"the TLS key of environment {environment.name} is encrypted",
            str(tls.key),
            "flowctl asks for no passphrase: name a key without one, readable by you alone",
            f"environments/{environment.path.name}",
        ) from None
    except (OSError, ssl.SSLError) as error:
        raise ServerError.of(
            "S102",
            f"a TLS file of environment {environment.name} cannot be used: {error}",
            ", ".join(str(path) for path in (tls.ca, tls.cert, tls.key) if path is not None),
            "`tls` names PEM files: `ca`, and `cert` with its `key`",
            f"environments/{environment.path.name}",
        ) from None
    return context
