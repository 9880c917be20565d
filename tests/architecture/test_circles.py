"""No module of flowctl imports, through others, itself: not even inside a function or for its types alone."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from graphlib import TopologicalSorter
from pathlib import Path

ROOT = Path(__file__).parents[2]


def name_of(path: Path) -> str:
    """The dotted name of a module; of a package for its `__init__`."""
    parts = path.relative_to(ROOT).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


def imports(path: Path, known: dict[str, Path]) -> Iterator[str]:
    """The modules of flowctl that a module imports at any depth; a package's own docstring module is none."""
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names if alias.name in known)
        elif isinstance(node, ast.ImportFrom) and node.module:
            for alias in node.names:
                inner = f"{node.module}.{alias.name}"
                if inner in known:
                    yield inner
                elif node.module in known:
                    yield node.module


def test_no_module_imports_itself_through_others() -> None:
    known = {name_of(path): path for path in (ROOT / "flowctl").rglob("*.py")}
    graph = {name: set(imports(path, known)) for name, path in known.items()}
    assert len(graph) > 500
    TopologicalSorter(graph).prepare()  # raises CycleError with the circle
