"""Filters over texts."""

from __future__ import annotations

import re
import unicodedata

from flowctl.language.expressions.errors import ExpressionError
from flowctl.language.expressions.java.utf16 import cut, units
from flowctl.language.expressions.running import Run
from flowctl.language.expressions.specs import AFTER_1, Filters, Given, input_text, optional_text, text, whole
from flowctl.language.expressions.values import class_name

TEXT_FILTERS = Filters()
WORD = re.compile(r"\S+")
NOT_SLUG = re.compile(r"[^\w\s-]", re.ASCII)
BETWEEN = re.compile(r"[\s_-]+")


def _converted(run: Run, value: object) -> str:
    return run.java(value)


def title_case(char: str) -> str:
    """The character as the first of a title; one that would become two stays."""
    titled = char.title()
    return titled if len(titled) == 1 else char


@TEXT_FILTERS.add("abbreviate", "length")
def abbreviate(run: Run, value: object, given: Given) -> object:
    """A text of `length` characters or more cut to so many, the last three dots; one of three or less stays (seen)."""
    if value is None:
        return None
    source = input_text(value, "abbreviate")
    length = whole(given, "length", what="missing length parameter in abbreviate filter")
    if length < 0:
        raise ExpressionError("Invalid argument to abbreviate filter; must be greater than zero")
    if units(source) < length or units(source) <= 3:
        return source
    return cut(source, 0, length) if length <= 3 else cut(source, 0, length - 3) + "..."


@TEXT_FILTERS.add("capitalize")
def capitalize(run: Run, value: object, given: Given) -> object:
    """The first letter as a capital, the rest unchanged."""
    if value is None:
        return None
    source = input_text(value, "capitalize")
    start = len(source) - len(source.lstrip())
    return source[:start] + title_case(source[start : start + 1]) + source[start + 1 :]


@TEXT_FILTERS.add("lower")
def lower(run: Run, value: object, given: Given) -> object:
    """Lower-case text."""
    return None if value is None else _converted(run, value).lower()


@TEXT_FILTERS.add("upper")
def upper(run: Run, value: object, given: Given) -> object:
    """Upper-case text."""
    return None if value is None else _converted(run, value).upper()


@TEXT_FILTERS.add("title")
def title(run: Run, value: object, given: Given) -> object:
    """Each word with a capital at its beginning, the rest unchanged."""
    if value is None:
        return None
    return WORD.sub(lambda m: title_case(m.group()[0]) + m.group()[1:], input_text(value, "title"))


@TEXT_FILTERS.add("trim")
def trim(run: Run, value: object, given: Given) -> object:
    """Without white space and control characters at both ends."""
    if value is None:
        return None
    return input_text(value, "trim").strip("".join(map(chr, range(33))))


@TEXT_FILTERS.add("string")
def string(run: Run, value: object, given: Given) -> object:
    """The value as text in Java's form."""
    return None if value is None else _converted(run, value)


@TEXT_FILTERS.add("slugify")
def slugify(run: Run, value: object, given: Given) -> object:
    """Lower case, accents removed, words joined by one hyphen, other characters dropped."""
    if value is None:
        return None
    plain = unicodedata.normalize("NFD", _converted(run, value))
    kept = NOT_SLUG.sub("", "".join(c for c in plain if not unicodedata.combining(c)))
    return BETWEEN.sub("-", kept).strip("-").lower()


@TEXT_FILTERS.add("startsWith", "value")
def starts_with(run: Run, value: object, given: Given) -> object:
    """Whether the text begins with the argument."""
    if value is None:
        return _of_null(run, "startsWith")
    return _converted(run, value).startswith(_affix(run, given, "startsWith"))


@TEXT_FILTERS.add("endsWith", "value")
def ends_with(run: Run, value: object, given: Given) -> object:
    """Whether the text ends with the argument."""
    if value is None:
        return _of_null(run, "endsWith")
    return _converted(run, value).endswith(_affix(run, given, "endsWith"))


def _of_null(run: Run, name: str) -> bool:
    """Null begins and ends with nothing (2.0); before, asking is an error (both seen)."""
    if run.environment.dialect == "1.3":
        raise ExpressionError(
            f"The '{name}' filter cannot be applied to null", hint="write `(x ?? '') | " + name + "(…)`"
        )
    return False


def _affix(run: Run, given: Given, name: str) -> str:
    if given.get("value") is None:
        raise ExpressionError(f"The '{name}' filter expects an argument 'value'.")
    return run.java(given["value"])


def _separator(given: Given, name: str) -> str | None:
    """The separator; None for null, which occurs nowhere."""
    if "separator" not in given:
        raise ExpressionError(f"The '{name}' filter expects an argument 'separator'.")
    return optional_text(given, "separator")


@TEXT_FILTERS.add("substringBefore", "separator")
def substring_before(run: Run, value: object, given: Given) -> object:
    """What stands before the first separator; the whole text without one."""
    if value is None:
        return None
    separator, source = _separator(given, "substringBefore"), _converted(run, value)
    if separator is None:
        return source
    return source.partition(separator)[0] if separator else ""


@TEXT_FILTERS.add("substringAfter", "separator")
def substring_after(run: Run, value: object, given: Given) -> object:
    """What stands behind the first separator; nothing without one."""
    if value is None:
        return None
    separator, source = _separator(given, "substringAfter"), _converted(run, value)
    if separator is None:
        return ""
    return source.partition(separator)[2] if separator else source


@TEXT_FILTERS.add("substringBeforeLast", "separator")
def substring_before_last(run: Run, value: object, given: Given) -> object:
    """What stands before the last separator; the whole text without one."""
    if value is None:
        return None
    separator = _separator(given, "substringBeforeLast")
    source = _converted(run, value)
    found = source.rfind(separator) if separator else -1
    return source if found < 0 else source[:found]


@TEXT_FILTERS.add("substringAfterLast", "separator")
def substring_after_last(run: Run, value: object, given: Given) -> object:
    """What stands behind the last separator; nothing without one."""
    if value is None:
        return None
    separator = _separator(given, "substringAfterLast")
    source = _converted(run, value)
    return source.rpartition(separator)[2] if separator and separator in source else ""


@TEXT_FILTERS.add("nl2br")
def nl2br(run: Run, value: object, given: Given) -> object:
    """`<br />` for each line break."""
    if value is None:
        return None
    source = input_text(value, "nl2br")
    run.check_text(len(source) + 6 * source.count("\n"))
    return source.replace("\r\n", "<br />").replace("\n", "<br />")


def _prefix(run: Run, given: Given, source: str) -> str:
    amount = whole(given, "amount", what="The 'indent' filter expects an integer as argument 'amount'.")
    prefix = text(given, "prefix", " ")
    if amount < 0:
        raise ExpressionError("The 'indent' filter expects a positive integer >=0 as argument 'amount'.")
    lines = source.count("\n") + source.count("\r") + 1
    run.check_text(len(source) + lines * amount * len(prefix))
    return prefix * amount


def _line_break(source: str) -> str:
    """What ends the lines: the first kind that occurs, longer ones first."""
    return next((ending for ending in ("\r\n", "\n\r", "\n", "\r") if ending in source), "\n")


@TEXT_FILTERS.add("indent", "amount", "prefix")
def indent(run: Run, value: object, given: Given) -> object:
    """Every line but the first moved right by `amount` times `prefix` (a space)."""
    if value is None:
        return None
    source = _converted(run, value)
    if not source:
        return source
    ending = _line_break(source)
    return source.replace(ending, ending + _prefix(run, given, source))


@TEXT_FILTERS.add("nindent", "amount", "prefix")
def nindent(run: Run, value: object, given: Given) -> object:
    """As `indent`, with a line break in front and the first line moved too."""
    if value is None:
        return None
    source = _converted(run, value)
    if not source:
        return source
    ending, prefix = _line_break(source), _prefix(run, given, source)
    return ending + prefix + source.replace(ending, ending + prefix)


@TEXT_FILTERS.add("format", dialects=AFTER_1)
def format_text(run: Run, value: object, given: Given) -> object:
    """The text as a format with `%s`, `%05d`, `%.2f` … for the arguments."""
    if value is None:
        return None
    from flowctl.language.expressions.java.format import format_java

    arguments = [given[key] for key in sorted((k for k in given if k.isdigit()), key=int)]
    return format_java(_converted(run, value), arguments, run.limit, run.java)


@TEXT_FILTERS.add("className")
def class_of(run: Run, value: object, given: Given) -> object:
    """The name of the value's Java class; nothing for null."""
    return None if value is None else class_name(value)
