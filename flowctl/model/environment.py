"""One environment of a project: `environments/NAME.yaml`, defaults filled in."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Literal

HazardLevel = Literal["block", "warn", "inform", "off"]
Dialect = Literal["2.0", "1.3", "lenient"]


@dataclass(frozen=True, slots=True)
class Auth:
    """Names of the environment variables that hold credentials; never the credentials themselves."""

    token_env: str | None = None
    username_env: str | None = None
    password_env: str | None = None


@dataclass(frozen=True, slots=True)
class Tls:
    """Files for TLS: an own authority, and a client certificate with its key."""

    ca: Path | None = None
    cert: Path | None = None
    key: Path | None = None


@dataclass(frozen=True, slots=True)
class PromotionPolicy:
    """What `promote` demands of the source: green runs, days since, the highest share of failures."""

    runs: int = 1
    days: float = 0
    max_failures: float = 0.0
    require: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Policy:
    """Guards of one environment. `max_deletes` is a count, or a share such as `"30%"` of the owned objects."""

    max_deletes: int | str = "30%"
    protect: tuple[str, ...] = ()
    ignore: tuple[str, ...] = ()
    hazards: Mapping[str, HazardLevel] = field(default_factory=dict)
    promotion: PromotionPolicy = PromotionPolicy()


@dataclass(frozen=True, slots=True)
class Environment:
    """One environment. `layers` are directories, later ones win; `owns` are namespace patterns."""

    name: str
    path: Path
    server: str
    layers: tuple[Path, ...]
    namespace: str
    owns: tuple[str, ...]
    tenant: str = "main"
    auth: Auth = Auth()
    tls: Tls = Tls()
    policy: Policy = Policy()
    promotes_from: str | None = None
    overrides: Mapping[str, object] = field(default_factory=dict)
    pins: Mapping[str, str] = field(default_factory=dict)
    timeout: float = 30.0
    parallelism: int = 8
    dialect: Dialect | None = None

    @property
    def bundled(self) -> bool:
        """Whether this environment lives on the workspace's bundled server."""
        return self.server == "bundled"

    def owns_namespace(self, namespace: str) -> bool:
        """Whether a namespace is in this environment's charge. A pattern `x` also covers everything below it."""
        return any(namespace == p or namespace.startswith(p + ".") or fnmatchcase(namespace, p) for p in self.owns)
