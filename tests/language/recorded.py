"""What real servers said about flows of ours, copied into `data/`."""

from __future__ import annotations

import json
from functools import lru_cache
from pathlib import Path
from typing import Any

from flowctl.flowtext.document import YamlProblem, parse
from flowctl.language.findings import Finding
from flowctl.language.validation import check_flow
from flowctl.model.environment import Dialect

DATA = Path(__file__).parent / "data"
DIALECTS: tuple[Dialect, ...] = ("2.0", "1.3")


@lru_cache
def load(name: str) -> Any:
    return json.loads((DATA / name).read_text(encoding="utf-8"))


def cases() -> list[tuple[Dialect, str, str]]:
    """Dialect, area and name of every recorded verdict."""
    return [
        (dialect, area, name)
        for dialect in DIALECTS
        for area, flows in load(f"verdicts-{dialect}.json").items()
        for name in flows
    ]


def check_source(source: str, dialect: Dialect) -> list[Finding]:
    """The server's check of a text; a text that is no YAML is one finding."""
    try:
        document = parse(source)
    except YamlProblem as problem:
        return [Finding((), problem.message, "error", "F200", family="parse")]
    duplicates = [path for path, _ in document.duplicates]
    return check_flow(
        document.value,
        dialect=dialect,
        strict_types=True,
        source_duplicates=duplicates,
        source_empty=document.empty,
    )
