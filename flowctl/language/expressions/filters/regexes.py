"""Filters with regular expressions, and `replace` and `split`."""

from __future__ import annotations

from collections.abc import Mapping

from flowctl.language.expressions.errors import ExpressionError
from flowctl.language.expressions.java import regex as javaregex
from flowctl.language.expressions.running import Run
from flowctl.language.expressions.specs import AFTER_1, Filters, Given, input_text, text, whole
from flowctl.language.expressions.values import HashMap, JavaArray

REGEX_FILTERS = Filters()


def _timeout(run: Run) -> float:
    return min(run.environment.limits.regex_seconds, run.seconds_left())


@REGEX_FILTERS.add("regexMatch", "regex", dialects=AFTER_1)
def regex_match(run: Run, value: object, given: Given) -> object:
    """Whether any part of the text matches."""
    pattern = text(given, "regex")
    if value is None:
        return False
    return javaregex.search(pattern, run.java(value), _timeout(run)) is not None


@REGEX_FILTERS.add("regexExtract", "regex", "group", dialects=AFTER_1)
def regex_extract(run: Run, value: object, given: Given) -> object:
    """The first match, or one of its groups; null without a match."""
    pattern, group = text(given, "regex"), whole(given, "group", 0)
    if value is None:
        return None
    found = javaregex.search(pattern, run.java(value), _timeout(run))
    if found is None:
        return None
    count = len(found.groups())
    if not 0 <= group <= count:
        raise ExpressionError(f"Group index {group} is out of bounds: the pattern has only {count} capture group(s).")
    return found.group(group)


@REGEX_FILTERS.add("regexReplace", "regex", "replacement", dialects=AFTER_1)
def regex_replace(run: Run, value: object, given: Given) -> object:
    """Every match replaced; `$1` and `${name}` are groups."""
    pattern, replacement = text(given, "regex"), text(given, "replacement")
    if value is None:
        return None
    return javaregex.replace(pattern, replacement, run.java(value), run.limit, _timeout(run))


@REGEX_FILTERS.add("replace", "replace_pairs", "regexp")
def replace(run: Run, value: object, given: Given) -> object:
    """Each key of a map replaced by its value, one after the other; also inside lists and maps."""
    if value is None:
        return None
    pairs = given.get("replace_pairs")
    if pairs is None:
        raise ExpressionError("The argument 'replace_pairs' is required.")
    regexp = given.get("regexp", False)
    if not isinstance(pairs, Mapping) or not isinstance(regexp, bool):
        raise ExpressionError(
            "The 'replace' filter takes a map and, as second argument, true for regular expressions",
            hint="write `text | replace({'old': 'new'})`",
        )
    return _replaced(run, value, [(run.java(k), _new(v, run)) for k, v in pairs.items()], regexp)


def _new(value: object, run: Run) -> str:
    if value is None:
        raise ExpressionError("A value of 'replace_pairs' is null")
    return run.java(value)


def _replaced(run: Run, value: object, pairs: list[tuple[str, str]], regexp: bool) -> object:
    run.tick()
    if value is None:
        return None
    if isinstance(value, Mapping):
        return HashMap((key, _replaced(run, item, pairs, regexp)) for key, item in value.items())
    if isinstance(value, list | tuple):
        return [_replaced(run, item, pairs, regexp) for item in value]
    source = run.java(value)
    for old, new in pairs:
        if regexp:
            source = javaregex.replace(old, new, source, run.limit, _timeout(run))
        else:
            run.check_text(len(source) + source.count(old) * (len(new) - len(old)))
            source = source.replace(old, new)
    return source


@REGEX_FILTERS.add("split", "delimiter", "limit")
def split(run: Run, value: object, given: Given) -> object:
    """The parts between matches of a regular expression; empty ones at the end are dropped unless `limit` is given."""
    if value is None:
        return None
    source = input_text(value, "split")
    delimiter = text(given, "delimiter", what="missing delimiter parameter in split filter")
    limit = whole(given, "limit", 0)
    parts = javaregex.split(delimiter, source, limit, _timeout(run))
    run.check_items(len(parts))
    return JavaArray(parts)
