"""The workspace: the nearest directory upwards that has `environments/`."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from flowctl.errors import ProjectError
from flowctl.loading.configuration.settings import Settings, read_settings

if TYPE_CHECKING:
    from flowctl.model.environment import Dialect

ENVIRONMENTS = "environments"
STATE = ".flowctl"
SETTINGS = "flowctl.yaml"
SUFFIXES = (".yaml", ".yml")


@dataclass(frozen=True)
class Workspace:
    """A directory with environments. `root` is absolute."""

    root: Path

    @cached_property
    def settings(self) -> Settings:
        """What `flowctl.yaml` says; defaults when there is none.

        Raises:
            ProjectError: the file is unsound (F102).
        """
        return read_settings(self.root / SETTINGS, self.relative(self.root / SETTINGS))

    @property
    def dialect(self) -> Dialect | None:
        """How the bundled server answers; None when that is not stated, or the settings are unsound."""
        try:
            return self.settings.dialect
        except ProjectError:
            return None

    @property
    def state_dir(self) -> Path:
        """Where flowctl keeps what never goes to Git; it need not exist yet."""
        return self.root / STATE

    def environment_names(self) -> tuple[str, ...]:
        """The names of all environment files, sorted, whether the files are sound or not."""
        found = (self.root / ENVIRONMENTS).iterdir() if (self.root / ENVIRONMENTS).is_dir() else ()
        return tuple(sorted({path.stem for path in found if path.suffix in SUFFIXES and path.name[0] not in "._"}))

    def environment_path(self, name: str) -> Path:
        """The file of an environment; it need not exist."""
        paths = [self.root / ENVIRONMENTS / f"{name}{suffix}" for suffix in SUFFIXES]
        return next((path for path in paths if path.exists()), paths[0])

    def relative(self, path: Path) -> str:
        """A path as messages show it: relative to the workspace, with slashes; absolute when it is outside."""
        return path.relative_to(self.root).as_posix() if path.is_relative_to(self.root) else path.as_posix()


def find_workspace(start: Path) -> Workspace:
    """The workspace around a directory.

    Raises:
        ProjectError: there is none (F101).
    """
    start = start.resolve()
    for directory in (start, *start.parents):
        if (directory / ENVIRONMENTS).is_dir():
            return Workspace(directory)
    raise ProjectError.of(
        "F101",
        f"no workspace: neither {start} nor a directory above it has `{ENVIRONMENTS}/`",
        hint="change into a workspace (or use -C DIR), or make one with `flowctl init`",
    )
