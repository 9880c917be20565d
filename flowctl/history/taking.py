"""A flow's text on the server as the text of its file, so that a file changes no more than it has to."""

from __future__ import annotations

import re

from flowctl.flowtext.document import YamlProblem, parse
from flowctl.flowtext.edits import remove_key
from flowctl.flowtext.splice import SpliceError, insert_namespace
from flowctl.history.matching import stretches

_COMMENT = re.compile(r"(?:^|(?<=\s))#.*$")


def file_text(file: str | None, live: str, namespace: str) -> str:
    """What the file should say so that deploying it means what the server has.

    `file` is the file's text, None when there is none yet: then the server's text is taken as it is. A file that
    leaves `namespace` out goes on doing so where the server's exact text comes back from it. When the server's text
    has lost every comment (an editor that writes YAML anew), the file's comments stay where they stood; otherwise
    the server's text, its comments included, is taken byte for byte.
    """
    if file is None:
        return live
    wanted = _without_namespace(live, namespace) if _leaves_namespace_out(file) else live
    if has_comments(wanted) or not has_comments(file):
        return wanted
    return _with_comments(file, wanted)


def has_comments(text: str) -> bool:
    """Whether something looks like a comment; what looks like one inside a text counts as well."""
    return any(_COMMENT.search(line) for line in text.splitlines())


def _leaves_namespace_out(file: str) -> bool:
    try:
        value = parse(file).value
    except YamlProblem:
        return False
    return isinstance(value, dict) and "namespace" not in value


def _without_namespace(live: str, namespace: str) -> str:
    try:
        shorter = remove_key(live, "namespace")
        return shorter if insert_namespace(shorter, namespace) == live else live
    except (SpliceError, YamlProblem):
        return live


def _with_comments(file: str, wanted: str) -> str:
    """The wanted text with the file's comments and blank lines, if that means the same; else the wanted text."""
    old, new = file.splitlines(keepends=True), wanted.splitlines(keepends=True)
    lines: list[str] = []
    found = stretches([_bare(line) for line in old], [_bare(line) for line in new])
    for equal, start, end, new_start, new_end in found:
        kept = old[start:end] if equal else [line for line in old[start:end] if not _bare(line)]
        lines += kept if equal else [*kept, *new[new_start:new_end]]
    merged = "".join(lines)
    return merged if _means(merged, wanted) else wanted


def _bare(line: str) -> str:
    return _COMMENT.sub("", line.rstrip("\r\n")).rstrip()


def _means(merged: str, wanted: str) -> bool:
    try:
        return bool(parse(merged).value == parse(wanted).value)
    except YamlProblem:
        return False
