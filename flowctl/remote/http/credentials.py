"""Credentials from the environment variables that an environment file names; never from the file itself."""

from __future__ import annotations

import base64
from collections.abc import Mapping

from flowctl.errors import ServerError
from flowctl.model.diagnostic import Diagnostic
from flowctl.model.environment import Environment

OWN = "FLOWCTL_SERVER_"


def authorization(environment: Environment, environ: Mapping[str, str], token: str | None = None) -> str | None:
    """The `Authorization` header for a server, or None when it wants none.

    `token` is the bundled server's own and beats everything; without it a bundled server takes `FLOWCTL_SERVER_*`.

    Raises:
        ServerError: S101, a named variable is not set or empty (all of them are reported).
    """
    if token is not None:
        return f"Bearer {token}"
    auth = environment.auth
    if environment.bundled and not (auth.token_env or auth.username_env):
        return _own(environ)
    if auth.token_env:
        return f"Bearer {_values(environment, environ, auth.token_env)[0]}"
    if auth.username_env and auth.password_env:
        return _basic(*_values(environment, environ, auth.username_env, auth.password_env))
    return None


def _own(environ: Mapping[str, str]) -> str | None:
    if token := environ.get(OWN + "TOKEN"):
        return f"Bearer {token}"
    username, password = environ.get(OWN + "USERNAME"), environ.get(OWN + "PASSWORD")
    return _basic(username, password) if username and password else None


def _values(environment: Environment, environ: Mapping[str, str], *names: str) -> list[str]:
    missing = [name for name in names if not environ.get(name)]
    if missing:
        raise ServerError(*(_missing(name, environment) for name in missing))
    return [environ[name] for name in names]


def _missing(name: str, environment: Environment) -> Diagnostic:
    return Diagnostic(
        "S101",
        "error",
        f"the environment variable {name} is not set",
        f"environment {environment.name} takes its credentials for {environment.server} from it (`auth`)",
        f"set it before running flowctl, for example `export {name}=…`",
        path=f"environments/{environment.path.name}",
    )


def _basic(username: str, password: str) -> str:
    return "Basic " + base64.b64encode(f"{username}:{password}".encode()).decode("ascii")
