"""Where a promoted flow or file belongs among the target's directories."""

from __future__ import annotations

from pathlib import Path

from flowctl.errors import PlanError
from flowctl.model.environment import Environment
from flowctl.model.keys import FlowKey
from flowctl.model.project import Flow, Project


class Destinations:
    """Paths in the target's layers. `target` is the target without its pins."""

    def __init__(self, source: Project, target: Project, root: Path) -> None:
        self._source, self._target, self._root = source, target, root
        common = {layer.resolve() for layer in source.environment.layers}
        self._own = [layer for layer in target.environment.layers if layer.resolve() not in common]
        self._taken = {flow.path: key for key, flow in target.flows.items()}

    def shared(self, key: FlowKey, flow: Flow) -> bool:
        """Whether both environments read this flow from the same file."""
        there = self._target.flows.get(key)
        return there is not None and there.path == flow.path

    def path(self, key: FlowKey, flow: Flow) -> str:
        """The target's file for a flow, relative to the workspace.

        Raises:
            PlanError: P306, another flow has that file already, or the target has no directory of its own.
        """
        there = self._target.flows.get(key)
        if there is not None and self._in_own(there.path):
            return there.path
        path = self._moved(flow.path, str(key))
        owner = self._taken.setdefault(path, key)
        if owner != key:
            hint = "rename one of the two files, or exclude the flow"
            raise PlanError.of("P306", f"{path} is where {key} would go, but it holds {owner}", hint=hint, path=path)
        return path

    def file_path(self, path: str, name: str) -> str:
        """The target's path for a namespace file of the source (absolute, or relative to the workspace)."""
        inside = Path(path)
        return self._moved(inside.relative_to(self._root).as_posix() if inside.is_absolute() else path, name)

    def _in_own(self, path: str) -> bool:
        return any((self._root / path).is_relative_to(layer) for layer in self._own)

    def _moved(self, path: str, name: str) -> str:
        """A path of the source's layers in the target's own last layer."""
        if not self._own:
            hint = "give the target a directory of its own as its last layer"
            summary = f"{self._target.environment.name} has no directory of its own for {name}"
            raise PlanError.of("P306", summary, hint=hint, path=_shown(self._target.environment, self._root))
        layer = next(one for one in self._layers() if (self._root / path).is_relative_to(one))
        relative = (self._root / path).relative_to(layer)
        return (self._own[-1] / relative).relative_to(self._root).as_posix()

    def _layers(self) -> list[Path]:
        """The source's layers, the innermost first."""
        return sorted(self._source.environment.layers, key=lambda layer: -len(layer.parts))


def _shown(environment: Environment, root: Path) -> str:
    return environment.path.relative_to(root).as_posix()
