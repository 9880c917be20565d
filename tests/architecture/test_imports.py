"""The table of packages and allowed imports (docs/architecture.md) as a test."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2] / "flowctl"

CORE = {"model", "errors"}
ALLOWED: dict[str, set[str]] = {
    "model": set(),
    "errors": {"model"},
    "flowtext": CORE,
    "loading": CORE | {"flowtext", "language"},
    "remote": CORE | {"flowtext"},
    "language": CORE | {"flowtext"},
    "planning": CORE | {"flowtext", "language"},
    "history": CORE | {"flowtext"},
    "promoting": CORE | {"flowtext"},
    "applying": CORE | {"remote", "flowtext"},
    "planfile": CORE,
    "views": CORE,
    "engine": CORE | {"flowtext", "language"},
    "ci": CORE | {"views"},
}
THIRD_PARTY: dict[str, set[str]] = {
    "model": set(),
    "errors": set(),
    "flowtext": {"yaml"},
    "loading": {"jsonschema"},
    "remote": {"httpx", "orjson"},
    "language": {"jsonschema", "regex", "cryptography", "holidays"},
    "planning": {"deepdiff"},
    "history": set(),
    "promoting": {"git"},
    "applying": set(),
    "planfile": set(),
    "views": set(),
    "engine": {
        "prometheus_client",
        "cryptography",
        "starlette",
        "uvicorn",
        "orjson",
        "httpx",
    },
    "ci": {"httpx"},
}
STDLIB_OK = __import__("sys").stdlib_module_names
PORT = "flowctl.remote.port"


def imported(path: Path) -> Iterator[str]:
    """Every absolute module name that a file imports, at any depth."""
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path}: relative import"
            yield node.module or ""


def modules(package: str) -> list[Path]:
    return sorted((ROOT / package).rglob("*.py"))


@pytest.mark.parametrize("package", sorted(ALLOWED))
def test_package_imports_only_what_the_table_allows(package: str) -> None:
    wrong = []
    for path in modules(package):
        for name in imported(path):
            top, _, rest = name.partition(".")
            if top == "flowctl":
                other = rest.partition(".")[0]
                if other and other not in ALLOWED[package] | {package}:
                    wrong.append(f"{path.relative_to(ROOT)} imports {name}")
                if package == "applying" and other == "remote" and name != PORT:
                    wrong.append(f"{path.relative_to(ROOT)} imports {name}, only {PORT} is allowed")
            elif top not in STDLIB_OK and top not in THIRD_PARTY[package]:
                wrong.append(f"{path.relative_to(ROOT)} imports {name}")
    assert wrong == []


def test_every_package_stands_in_the_table() -> None:
    found = {path.parent.name for path in ROOT.glob("*/__init__.py")}
    assert found - {"cli"} == set(ALLOWED)
