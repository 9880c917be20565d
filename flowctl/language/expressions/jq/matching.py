"""Regular expressions of jq, with the time limit of the rendering."""

from __future__ import annotations

from flowctl.language.expressions.java import regex as javaregex
from flowctl.language.expressions.jq.values import JqError, Value, shown
from flowctl.language.expressions.running import Run

FLAGS = {"x": "x", "i": "i", "s": "s", "n": "", "g": "", "l": "", "p": "s"}


def _prepared(value: Value, regex: Value, flags: Value) -> tuple[str, str, bool]:
    """Text, pattern with its flags in front, and whether all matches are wanted."""
    if not isinstance(value, str):
        raise JqError(f"{shown(value)} cannot be matched, as it is not a string")
    if isinstance(regex, list):
        regex, flags = (*regex, None, None)[:2]
    if not isinstance(regex, str):
        raise JqError(f"{shown(regex)} cannot be matched, as it is not a string")
    wanted = flags or ""
    if not isinstance(wanted, str) or any(flag not in FLAGS for flag in wanted):
        raise JqError(f"{shown(flags)} is not a valid modifier string")
    letters = "".join(sorted({FLAGS[flag] for flag in wanted} - {""}))
    return value, f"(?{letters}){regex}" if letters else regex, "g" in wanted


def _seconds(run: Run) -> float:
    return min(run.environment.limits.regex_seconds, run.seconds_left())


def has_match(run: Run, value: Value, regex: Value, flags: Value) -> Value:
    """`test`."""
    text, pattern, _ = _prepared(value, regex, flags)
    return javaregex.search(pattern, text, _seconds(run)) is not None


def find_matches(run: Run, value: Value, regex: Value, flags: Value) -> Value:
    """The objects that `match` yields."""
    text, pattern, everything = _prepared(value, regex, flags)
    found = javaregex.find_all(pattern, text, _seconds(run))
    names = {number: name for name, number in javaregex.compiled(pattern).groupindex.items()}
    run.check_items(len(found))
    run.tick(len(found))
    return [
        {
            "offset": match.start(),
            "length": match.end() - match.start(),
            "string": match.group(),
            "captures": [
                {
                    "offset": match.start(number),
                    "length": max(0, match.end(number) - match.start(number)),
                    "string": match.group(number),
                    "name": names.get(number),
                }
                for number in range(1, len(match.groups()) + 1)
            ],
        }
        for match in (found if everything else found[:1])
    ]


def split_by(run: Run, value: Value, regex: Value, flags: Value) -> Value:
    """`split` with a regular expression."""
    text, pattern, _ = _prepared(value, regex, flags)
    parts, start = [], 0
    for match in javaregex.find_all(pattern, text, _seconds(run)):
        parts.append(text[start : match.start()])
        start = match.end()
    return [*parts, text[start:]]
