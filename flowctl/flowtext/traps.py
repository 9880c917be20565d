"""YAML 1.1/1.2 traps: texts that a server reads as something else than their author meant."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

from flowctl.flowtext.document import Document, Path


@dataclass(frozen=True, slots=True)
class Trap:
    """One of them, with its code of the catalogue."""

    path: Path
    code: str
    message: str
    hint: str
    severity: Literal["error", "warning", "info"]
    line: int
    column: int


def find_traps(text: str, document: Document) -> Iterator[Trap]:
    """Every trap of a document."""
    yield from ()
