"""A request, as errors speak of it."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Asked:
    """A request as it may be shown: method, path, and the server's address without credentials.

    `private` requests carry a secret value: what the server says about them is not repeated. `environment` is the one
    that the server belongs to, where it is known.
    """

    method: str
    path: str
    server: str
    private: bool = False
    environment: str = ""

    @property
    def plan(self) -> str:
        """The command that shows what the server has, as it is typed."""
        return f"`flowctl plan {self.environment}`" if self.environment else "`flowctl plan ENV`"

    def __str__(self) -> str:
        return f"{self.method} {self.path}"
