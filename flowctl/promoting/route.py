"""From the namespaces of one environment to those of another."""

from __future__ import annotations

from dataclasses import dataclass

from flowctl.model.keys import FileKey, FlowKey


@dataclass(frozen=True, slots=True)
class Route:
    """The root namespaces of the two environments; what is below the one belongs below the other."""

    source: str
    target: str

    def covers(self, namespace: str) -> bool:
        """Whether a namespace is the source's root or below it."""
        return namespace == self.source or namespace.startswith(f"{self.source}.")

    def namespace(self, namespace: str) -> str:
        """The target's namespace for one of the source's; any other namespace as it is."""
        return self.target + namespace[len(self.source) :] if self.covers(namespace) else namespace

    def flow(self, key: FlowKey) -> FlowKey:
        """The target's flow for one of the source's."""
        return FlowKey(self.namespace(key.namespace), key.id)

    def file(self, key: FileKey) -> FileKey:
        """The target's namespace file for one of the source's."""
        return FileKey(self.namespace(key.namespace), key.path)
