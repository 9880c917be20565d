"""The catalogue of error codes: one page each under `flowctl/pages`."""

from __future__ import annotations

import re
from dataclasses import dataclass
from importlib.resources import files

from flowctl.errors import UsageError

TITLE = re.compile(r"# (?P<code>[A-Z]\d+): (?P<summary>.+)")


@dataclass(frozen=True, slots=True)
class Page:
    """One page. `text` is the whole Markdown, title included."""

    code: str
    summary: str
    text: str


def all_pages() -> list[Page]:
    """Every page, by code."""
    found = [entry.name for entry in (files("flowctl") / "pages").iterdir() if entry.name.endswith(".md")]
    pages = [_page(name.removesuffix(".md")) for name in found]
    return sorted(pages, key=lambda page: (page.code[0], int(page.code[1:])))


def read_page(code: str) -> Page:
    """The page of one code, in any case.

    Raises:
        UsageError: there is no such code.
    """
    wanted = code.upper()
    if re.fullmatch(r"[A-Z]\d+", wanted):
        try:
            return _page(wanted)
        except FileNotFoundError:
            pass
    raise UsageError.of("C102", f"there is no error code {code!r}", hint="`flowctl explain` lists all codes")


def _page(code: str) -> Page:
    text = (files("flowctl") / "pages" / f"{code}.md").read_text(encoding="utf-8")
    title = TITLE.match(text)
    assert title is not None, f"page {code} has no title line"
    return Page(code, title["summary"].strip(), text)
