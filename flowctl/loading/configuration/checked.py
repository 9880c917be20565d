"""YAML files with a published JSON Schema: read, checked, and what is sound remembered by digest.

Neither the YAML parser nor jsonschema is imported for a file that is remembered as sound.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from flowctl.errors import ProjectError
from flowctl.flowtext.digests import bytes_digest
from flowctl.loading.knowledge.memory_file import read_memory, write_memory
from flowctl.loading.problems import Problems
from flowctl.loading.texts import Unreadable, decode, read_limited

if TYPE_CHECKING:
    from flowctl.flowtext.document import Document

LIMIT = 1 << 20
_KEPT = 64
Value = dict[str, object]


@dataclass
class CheckedFile:
    """A sound file: `path` as messages show it, its text, and its value (a map)."""

    path: str
    text: str
    value: Value

    @cached_property
    def document(self) -> Document:
        """The text with positions, read again only when something has to be pointed at."""
        from flowctl.flowtext.document import parse

        return parse(self.text)

    def at(self, *path: str | int) -> tuple[int, int]:
        """Line and column of a value, or of the nearest thing around it."""
        position = self.document.position(path)
        return position.line, position.column

    def at_key(self, *path: str | int) -> tuple[int, int]:
        """Line and column of a value's key."""
        position = self.document.key_position(path)
        return position.line, position.column


def read_checked(path: Path, shown: str, schema: str, root: Path) -> CheckedFile:
    """A file whose schema is `flowctl/schemas/SCHEMA.json`; `root` is the workspace, where memory is.

    Raises:
        ProjectError: all problems of the file.
    """
    problems = Problems()
    try:
        data = read_limited(path, LIMIT, "F132")
        text = decode(data)
    except Unreadable as problem:
        problems.add(problem.code, problem.summary, path=shown, at=problem.at, hint=problem.hint)
        raise ProjectError.collect(problems.errors) from None
    memory_path = root / ".flowctl" / "memory" / "checked.json"
    memory, key = read_memory(memory_path), f"{schema} {bytes_digest(data)}"
    known = memory.get(key)
    if isinstance(known, dict):
        return CheckedFile(shown, text, known)
    value = _check(text, shown, schema, problems)
    problems.stop_on_error()
    kept = list(memory.items())[-_KEPT:]
    write_memory(memory_path, {**dict(kept), key: value})
    return CheckedFile(shown, text, value)


def _check(text: str, shown: str, schema: str, problems: Problems) -> Value:
    from flowctl.flowtext.document import YamlProblem, parse
    from flowctl.loading.configuration.schema import check_schema
    from flowctl.loading.yaml_codes import explain, note_duplicates

    try:
        document = parse(text)
    except YamlProblem as problem:
        code, summary, hint = explain(problem)
        problems.add(code, summary, path=shown, at=(problem.line, problem.column), hint=hint)
        return {}
    note_duplicates(document, shown, problems)
    if document.value is None:
        document.value = {}
    check_schema(document, schema, shown, problems)
    return document.value if isinstance(document.value, dict) else {}
