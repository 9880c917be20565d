"""The documentation is true: every command line exists, every code has a page, generated pages are up to date."""

from __future__ import annotations

import io
import re
import subprocess
import sys
from functools import cache
from pathlib import Path

import click
import pytest

from flowctl.cli.console import Console
from flowctl.cli.main import cli
from flowctl.cli.pages import TITLE, all_pages
from tests.docs.examples import flowctl_lines

ROOT = Path(__file__).parents[2]
PAGES = sorted(
    [ROOT / "README.md", ROOT / "CHANGELOG.md", *(ROOT / "docs").rglob("*.md"), *(ROOT / "flowctl/pages").glob("*.md")]
)
SOURCES = sorted([*(ROOT / "flowctl").rglob("*.py"), *(ROOT / "flowctl/schemas").glob("*.json")])
CODE = re.compile(r"""["'](?P<code>[ACFPS][1-9]\d\d|H[1-9]\d?)["']""")
ANCHOR = re.compile(r"\]\((?P<target>[^)#\s]*)#(?P<anchor>[^)]+)\)")
LINK = re.compile(r"\]\((?P<target>[^)#\s]+)(?:#[^)]*)?\)")


def name(path: Path) -> str:
    return str(path.relative_to(ROOT))


@pytest.mark.parametrize("page", PAGES, ids=name)
def test_every_command_line_of_a_page_can_be_typed(page: Path) -> None:
    for arguments in flowctl_lines(page.read_text(encoding="utf-8")):
        if arguments and not arguments[0].isupper():
            assert parse(arguments) is None


def parse(arguments: list[str]) -> str | None:
    """Parse a command line without running it. Returns what is wrong with it."""
    console = Console(io.StringIO(), io.StringIO(), {})
    context: click.Context = click.Context(cli, info_name="flowctl", obj=console)
    command: click.Command = cli
    try:
        while isinstance(command, click.Group):
            context = command.make_context(context.info_name, list(arguments), parent=context.parent, obj=console)
            rest = [*context._protected_args, *context.args]
            if not rest:
                return None
            _, found, arguments = command.resolve_command(context, rest)
            assert found is not None
            command, context = found, click.Context(found, info_name=found.name, parent=context)
        command.make_context(command.name, arguments, parent=context.parent)
    except click.exceptions.Exit:
        return None
    except click.MissingParameter:
        return "a command is either named alone, or typed in full" if arguments else None
    except click.UsageError as problem:
        return f"flowctl {' '.join(arguments)}: {problem.format_message()}"
    return None


@pytest.mark.parametrize("page", [page for page in PAGES if "pages" not in page.parts], ids=name)
def test_every_link_to_a_file_leads_somewhere(page: Path) -> None:
    targets = [found["target"] for found in LINK.finditer(page.read_text(encoding="utf-8"))]
    missing = [target for target in targets if "://" not in target and not (page.parent / target).exists()]
    assert missing == []


@pytest.mark.parametrize("page", [page for page in PAGES if "pages" not in page.parts], ids=name)
def test_every_link_to_a_heading_finds_it(page: Path) -> None:
    links = [found.groups() for found in ANCHOR.finditer(page.read_text(encoding="utf-8"))]
    named = [(page.parent / target if target else page, anchor) for target, anchor in links if "://" not in target]
    assert [anchor for target, anchor in named if anchor not in anchors(target)] == []


@cache
def anchors(page: Path) -> frozenset[str]:
    """What the headings of a page are called in addresses: lower case, spaces as hyphens, other signs left out."""
    headings = re.findall(r"^#+ (.*)$", page.read_text(encoding="utf-8"), re.MULTILINE)
    return frozenset(re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings)


def test_every_code_in_the_source_has_a_page_and_every_page_is_used() -> None:
    source = "\n".join(path.read_text(encoding="utf-8") for path in SOURCES)
    pages = {page.code for page in all_pages()}
    assert sorted({found["code"] for found in CODE.finditer(source)} - pages) == [], "codes without a page"
    assert sorted(pages - set(re.findall(r"\b[ACFHPS]\d+\b", source))) == [], "pages that no message names"


@pytest.mark.parametrize("path", sorted((ROOT / "flowctl/pages").glob("*.md")), ids=lambda path: path.stem)
def test_a_page_has_a_title_and_says_what_to_do(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    title = TITLE.match(text)
    assert title is not None
    assert title["code"] == path.stem
    assert "\n## " in text, "a page says what to do under a heading of its own"


def test_generated_pages_are_up_to_date() -> None:
    result = subprocess.run(
        [sys.executable, "docs/generate.py", "--check"], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert result.stdout == ""
    assert result.returncode == 0


def test_every_command_is_in_the_reference() -> None:
    from flowctl.cli.lazy import COMMANDS

    reference = (ROOT / "docs/cli.md").read_text(encoding="utf-8")
    assert [command for command in COMMANDS if f"## flowctl {command}\n" not in reference] == []
