"""`flowctl.yaml`: settings of the whole workspace, all of them optional."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, cast

if TYPE_CHECKING:
    from flowctl.model.environment import Dialect


@dataclass(frozen=True, slots=True)
class Settings:
    """`environment` is the default one; `dialect` and `port` are the bundled server's. None: not stated."""

    environment: str | None = None
    dialect: Dialect | None = None
    port: int | None = None


def read_settings(path: Path, shown: str) -> Settings:
    """The settings of a workspace; `shown` is the path for messages.

    Raises:
        ProjectError: all problems of the file.
    """
    if not path.exists():
        return Settings()
    from flowctl.loading.configuration.checked import read_checked

    value = read_checked(path, shown, "workspace", path.parent).value
    environment, dialect, port = value.get("environment"), value.get("dialect"), value.get("port")
    return Settings(
        str(environment) if environment is not None else None,
        cast("Dialect", str(dialect)) if dialect is not None else None,
        port if isinstance(port, int) else None,
    )
