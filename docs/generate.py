"""Write the generated pages of this directory: `cli.md` from the commands, `errors.md` from the catalogue.

python docs/generate.py            write them
python docs/generate.py --check    exit 1 when one of them is not what it would be
"""

from __future__ import annotations

import sys
from collections.abc import Iterator, Mapping
from pathlib import Path

import click

from flowctl.cli.lazy import COMMANDS
from flowctl.cli.main import cli
from flowctl.cli.pages import Page, all_pages

DOCS = Path(__file__).resolve().parent
WIDTH = 100
FAMILIES = {
    "F": "Files of the project",
    "P": "Plans",
    "A": "Apply",
    "S": "Servers",
    "H": "Hazards of a deployment",
    "C": "The command line",
}


def pages() -> Mapping[str, str]:
    """File name to text of every generated page."""
    return {"cli.md": "\n".join(cli_reference()), "errors.md": "\n".join(error_list())}


def cli_reference() -> Iterator[str]:
    """The lines of `cli.md`: the help of every command, as flowctl prints it."""
    yield "# Command line reference"
    yield ""
    yield "What `flowctl --help` and `flowctl COMMAND --help` print. This page is written by `docs/generate.py`."
    for path, command in commands():
        yield f"\n## {path}\n"
        yield "```text"
        yield help_text(path, command)
        yield "```"
    yield ""


def commands() -> Iterator[tuple[str, click.Command]]:
    """Every command with its whole name, groups before their members."""
    yield "flowctl", cli
    context = click.Context(cli, info_name="flowctl")
    for name in COMMANDS:
        command = cli.get_command(context, name)
        assert command is not None
        yield f"flowctl {name}", command
        if isinstance(command, click.Group):
            for sub in command.list_commands(context):
                yield f"flowctl {name} {sub}", command.commands[sub]


def help_text(path: str, command: click.Command) -> str:
    """A command's help at a fixed width."""
    context = click.Context(
        command, info_name=path, terminal_width=WIDTH, max_content_width=WIDTH, help_option_names=["-h", "--help"]
    )
    return command.get_help(context).rstrip()


def error_list() -> Iterator[str]:
    """The lines of `errors.md`: every code with its page."""
    found = all_pages()
    yield "# Errors, refusals and hazards"
    yield ""
    yield "Every message of flowctl that stops something has a code. `flowctl explain CODE` prints the page of one;"
    yield "all of them stand below. The exit codes are in [exit-codes.md](exit-codes.md)."
    yield "This page is written by `docs/generate.py` from `flowctl/pages`."
    for letter, title in FAMILIES.items():
        family = [page for page in found if page.code.startswith(letter)]
        if family:
            yield from error_family(title, family)


def error_family(title: str, family: list[Page]) -> Iterator[str]:
    """One chapter: a table of its codes, then their pages."""
    yield f"\n## {title}\n"
    yield "| code | meaning |"
    yield "|---|---|"
    yield from (f"| [{page.code}](#{anchor(page)}) | {page.summary} |" for page in family)
    for page in family:
        yield ""
        yield from deeper(page.text.rstrip().splitlines())
    yield ""


def deeper(lines: list[str]) -> Iterator[str]:
    """Markdown lines with their headings two levels down; what is fenced stays as it is."""
    fenced = False
    for line in lines:
        fenced ^= line.startswith("```")
        yield f"##{line}" if line.startswith("#") and not fenced else line


def anchor(page: Page) -> str:
    """The anchor that a Markdown heading gets: lower case, spaces to hyphens, other signs left out."""
    heading = f"{page.code}: {page.summary}".lower()
    return "".join(sign for sign in heading.replace(" ", "-") if sign.isalnum() or sign in "-_")


def main(arguments: list[str]) -> int:
    """Write or check; returns the exit code."""
    stale = [name for name, text in pages().items() if not same(DOCS / name, text)]
    if "--check" in arguments:
        for name in stale:
            print(f"docs/{name} is not up to date: run python docs/generate.py")
        return 1 if stale else 0
    for name in stale:
        (DOCS / name).write_text(pages()[name], encoding="utf-8")
        print(f"wrote docs/{name}")
    return 0


def same(path: Path, text: str) -> bool:
    """Whether a file has exactly this text."""
    return path.exists() and path.read_text(encoding="utf-8") == text


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
