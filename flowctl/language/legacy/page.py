"""`docs/legacy.md`, made from the table and the catalogue of types."""

from __future__ import annotations

from collections.abc import Iterator

from flowctl.language.legacy.rows import Legacy
from flowctl.language.legacy.table import ROWS
from flowctl.language.legacy.types13 import OLD_IN_1_3
from flowctl.language.types import Catalogue, TypeSpec
from flowctl.language.types.catalogue import built_in
from flowctl.model.environment import Dialect

_HEAD = """# Legacy spellings

What was written differently once, what each dialect of the bundled server does with it, and what to write today. A \
real 1.3 or 2.0 server does what the column of its version says. This page is made from the tables that the checks \
use (`python -m flowctl.language.legacy.page`).

- *runs*: accepted without a word
- *warns*: runs, and `flowctl validate` and `flowctl plan` show the modern spelling
- *ignored*: accepted, without effect
- *refused*: an error when the flow is saved, with the modern spelling as a hint; an expression is not looked at \
then (but for hyphens), and its task fails

## Constructs

| Where | Construct | Today | 1.3 | 2.0 | lenient |
|---|---|---|---|---|---|
"""
_TYPES = """
## Types

Old names of types, and types that were replaced. Where the lenient dialect *warns*, a renamed type runs as the new \
one, and a replaced one runs with its own behaviour.

| Type | Today | 1.3 | 2.0 | lenient |
|---|---|---|---|---|
"""
_DIALECTS: tuple[Dialect, ...] = ("1.3", "2.0", "lenient")


def legacy_page() -> str:
    """The whole page."""
    rows = "".join(_construct(row) for row in ROWS)
    types = "".join(_type_rows())
    return _HEAD + rows + _TYPES + types


def _construct(row: Legacy) -> str:
    what = row.construct or f"`{row.old}`"
    where: str = row.scope
    if row.types and not row.construct:
        where += f" `{row.types[0]}…`" if row.types[0].endswith(".") else f" `{row.types[0].rpartition('.')[2]}`"
    cells = (where, _cell(what), _cell(row.hint), row.v13, row.v20, row.lenient)
    return f"| {' | '.join(cells)} |\n"


def _cell(text: str) -> str:
    return text.replace("|", "\\|")


def _type_rows() -> Iterator[str]:
    known = built_in()
    for spec in known.all():
        for alias in spec.aliases:
            yield _type_row(alias, f"`{spec.name}`", spec, known)
        if spec.deprecated:
            modern = spec.deprecated if "`" in spec.deprecated else f"`{spec.deprecated}`"
            yield _type_row(spec.name, modern, spec, known)


def _type_row(name: str, modern: str, spec: TypeSpec, known: Catalogue) -> str:
    verdicts = [_verdict(name, spec, known, dialect) for dialect in _DIALECTS]
    return f"| `{name}` | {modern} | {' | '.join(verdicts)} |\n"


def _verdict(name: str, spec: TypeSpec, known: Catalogue, dialect: Dialect) -> str:
    if not spec.runnable or known.find(name, dialect) is None:
        return "refused"
    warned = dialect == "lenient" or name != spec.name or (dialect == "1.3" and name in OLD_IN_1_3)
    return "warns" if warned else "runs"


if __name__ == "__main__":
    print(legacy_page(), end="")
