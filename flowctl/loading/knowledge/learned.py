"""What is known of a flow's text. Nothing here costs an import, so that memory can be read without a parser."""

from __future__ import annotations

from dataclasses import dataclass

from flowctl.model.diagnostic import Diagnostic
from flowctl.model.project import FlowReference


@dataclass(frozen=True, slots=True)
class Learned:
    """What is known of a text in a namespace.

    `at` is where `inserted` goes to state the namespace, None when the text states it. `problems` have no path yet;
    with an error among them `id` may be None.
    """

    id: str | None
    at: int | None = None
    inserted: str = ""
    references: tuple[FlowReference, ...] = ()
    problems: tuple[Diagnostic, ...] = ()

    @property
    def sound(self) -> bool:
        """Whether there is no error."""
        return all(problem.severity != "error" for problem in self.problems)
