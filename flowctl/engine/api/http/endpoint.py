"""One route of the API: what each resource's module contributes to the table."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from enum import Enum
from typing import TYPE_CHECKING

from starlette.responses import Response

from flowctl.model.environment import Dialect

if TYPE_CHECKING:
    from flowctl.engine.api.http.request import ApiRequest

Handler = Callable[["ApiRequest"], Awaitable[Response]]

ALL: frozenset[Dialect] = frozenset({"2.0", "1.3", "lenient"})
MODERN: frozenset[Dialect] = frozenset({"2.0", "lenient"})
LEGACY: frozenset[Dialect] = frozenset({"1.3", "lenient"})


class Access(Enum):
    """What a caller must be allowed. OPEN needs no credentials (webhooks prove themselves by their key)."""

    OPEN = "open"
    READ = "read"
    WRITE = "write"


class Scope(Enum):
    """Where a path hangs: below the tenant (also without it), at `/api/v1`, at both, or at the root."""

    TENANT = "tenant"
    INSTANCE = "instance"
    BOTH = "both"
    ROOT = "root"


@dataclass(frozen=True, slots=True)
class Endpoint:
    """A method and a path such as `/flows/{namespace}/{id}`; `{rest...}` takes all that is left.

    A fixed segment wins over a parameter. `dialects` are those that have the route.
    """

    method: str
    path: str
    handle: Handler
    access: Access
    scope: Scope = Scope.TENANT
    dialects: frozenset[Dialect] = ALL


def reads(
    method: str, path: str, handle: Handler, *, scope: Scope = Scope.TENANT, dialects: frozenset[Dialect] = ALL
) -> Endpoint:
    """A route that changes nothing, whatever its method."""
    return Endpoint(method, path, handle, Access.READ, scope, dialects)


def writes(
    method: str, path: str, handle: Handler, *, scope: Scope = Scope.TENANT, dialects: frozenset[Dialect] = ALL
) -> Endpoint:
    """A route that changes something."""
    return Endpoint(method, path, handle, Access.WRITE, scope, dialects)
