"""Parser problems as codes of the catalogue, each with a sentence and the next step."""

from __future__ import annotations

from typing import TYPE_CHECKING

from flowctl.flowtext.places import format_place
from flowctl.flowtext.problems import YamlProblem
from flowctl.loading.problems import Problems

if TYPE_CHECKING:
    from flowctl.flowtext.document import Document

_CODES: dict[str, tuple[str, str, str]] = {
    "characters": ("F203", "{message}", "remove it; in double quotes it can be written as \\u and its four hex digits"),
    "documents": ("F206", "a second document begins here", "one document a file: put it into a file of its own"),
    "tab": ("F208", "a tab where YAML wants spaces", "indent with spaces"),
    "quote": ("F209", "the quote that opens here is never closed", "close it, or double the quotes inside it"),
    "bracket": ("F210", "the list or map that opens here is not closed properly", "check commas and closing brackets"),
    "indentation": ("F211", "this does not fit the lines above: {message}", "check the indentation of this line"),
    "colon": ("F212", "a second `: ` in one line", "put the text into quotes, or begin a new line"),
    "expression": (
        "F213",
        "a value that begins with `{{` reads as a map",
        'put the expression into quotes: "{{ inputs.name }}"',
    ),
    "character": ("F214", "a value cannot begin with this character", "put the text into quotes"),
    "alias": (
        "F215",
        "an alias without an anchor above it",
        "define it with `&name`, or quote a text that begins with `*`",
    ),
    "anchor-name": ("F216", "`*` or `&` without a name behind it", "put a text that begins so into quotes"),
    "anchor": ("F217", "the same anchor is defined twice", "give each anchor its own name"),
    "recursive": (
        "F218",
        "a value that contains itself through its own alias",
        "an alias may only name a finished value",
    ),
    "depth": ("F219", "{message}", "nest less: move parts into subflows"),
    "size": ("F220", "the text {message}", "aliases multiply: write out what is really meant"),
    "key": ("F221", "a list cannot be a key", "put the key into quotes, or begin a list with `- `"),
    "tag": (
        "F224",
        "a tag that YAML cannot read: {message}",
        "remove it, or put a text that begins with `!` into quotes",
    ),
    "directive": ("F225", "a directive that no server reads: {message}", "remove the line that begins with `%`"),
    "escape": ("F226", "an escape that YAML does not have: {message}", "double the backslash, or use single quotes"),
    "block-scalar": ("F227", "after `|` or `>` the text begins on the next line", "move it there, indented"),
    "after-quote": (
        "F240",
        "text behind a closing quote",
        "put the whole text into quotes, or double the quotes inside",
    ),
    "dash": ("F228", "a list item cannot begin on this line", "begin the list on the next line"),
    "conflict": (
        "F242",
        "a merge conflict was left in the file",
        "choose between the two sides, and remove the lines that begin with <<<<<<<, ======= and >>>>>>>",
    ),
    "missing-colon": ("F229", "a key without `:`", "write `key: value`, or indent the line if it continues a text"),
}
_OTHER = ("F207", "not YAML: {message}", "check this line and the one above it")


def explain(problem: YamlProblem) -> tuple[str, str, str]:
    """Code, summary and hint for a parser's problem."""
    code, summary, hint = _CODES.get(problem.kind, _OTHER)
    return code, summary.replace("{message}", problem.message), hint


def note_duplicates(document: Document, path: str | None, problems: Problems) -> None:
    """Note every key that its map already has."""
    for where, position in document.duplicates:
        at = (position.line, position.column)
        place = format_place(document.value, where)
        hint = "remove one of the two: servers refuse it, other readers take the last"
        problems.add("F222", f"the key `{where[-1]}` is there twice", path=path, at=at, hint=hint, place=place)
