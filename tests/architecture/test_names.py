"""Pages for those who change flowctl, and docstrings, name modules that there are."""

from __future__ import annotations

import re
from itertools import product
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PACKAGES = {path.parent.name for path in (ROOT / "flowctl").glob("*/__init__.py")}
PAGES = [ROOT / "docs/architecture.md", *sorted((ROOT / "docs/adr").glob("*.md"))]
ANY = "|".join(sorted(PACKAGES))
NAMED = re.compile(rf"`(?:flowctl[./])?(?P<name>(?:{ANY})(?:[./][a-z_{{}},/.]+)?)`")
IN_CODE = re.compile(rf"`flowctl\.(?P<name>(?:{ANY})\.[a-z_.]+)`")


def spelled_out(name: str) -> list[str]:
    """`engine.{api,store}` as both names."""
    parts = [part.strip("{}").split(",") for part in re.split(r"(\{[^}]*\})", name)]
    return ["".join(chosen) for chosen in product(*parts)]


def exists(name: str) -> bool:
    """Whether there is such a package or module, or a module with something of that name."""
    steps = name.removesuffix(".py").replace(".", "/").rstrip("/").split("/")
    place, inside = ROOT / "flowctl" / "/".join(steps), ROOT / "flowctl" / "/".join(steps[:-1])
    if place.is_dir() or place.with_suffix(".py").exists() or (ROOT / "flowctl" / name).exists():
        return True
    holder = inside.with_suffix(".py") if inside.with_suffix(".py").exists() else inside / "__init__.py"
    return holder.exists() and re.search(rf"\b{steps[-1]}\b", holder.read_text("utf-8")) is not None


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.stem)
def test_a_page_names_modules_that_there_are(page: Path) -> None:
    named = [name for found in NAMED.finditer(page.read_text("utf-8")) for name in spelled_out(found["name"])]
    assert [name for name in named if not exists(name)] == []


def test_docstrings_name_modules_that_there_are() -> None:
    wrong = [
        f"{path.relative_to(ROOT)}: {found['name']}"
        for path in (ROOT / "flowctl").rglob("*.py")
        for found in IN_CODE.finditer(path.read_text("utf-8"))
        if not exists(found["name"])
    ]
    assert wrong == []
