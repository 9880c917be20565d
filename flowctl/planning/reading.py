"""Live and wanted texts as documents, each parsed once at most."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from flowctl.flowtext.document import Document


class Documents:
    """Parsed texts by digest. A live text may be anything, so that a broken one is None rather than an error."""

    def __init__(self) -> None:
        self._known: dict[str, Document | None] = {}

    def read(self, digest: str, text: str) -> Document | None:
        """The document of a text, None when it is no sound YAML. YAML is imported when the first text is read."""
        from flowctl.flowtext.document import YamlProblem, parse

        if digest not in self._known:
            try:
                self._known[digest] = parse(text)
            except YamlProblem:
                self._known[digest] = None
        return self._known[digest]
