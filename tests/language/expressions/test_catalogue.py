"""Every name of the language with its arguments, and the versions that know it."""

from __future__ import annotations

import pytest

from flowctl.language.expressions.catalogue import FILTERS, FUNCTIONS, TESTS
from flowctl.language.expressions.environment import Dialect
from flowctl.language.expressions.parsing.blocks import REMOVED
from flowctl.language.expressions.problems import problems

FILTER_ARGUMENTS = {
    "abbreviate": "length",
    "abs": "",
    "base64decode": "",
    "base64encode": "",
    "capitalize": "",
    "chunk": "size",
    "className": "",
    "date": "format timeZone existingFormat locale",
    "dateAdd": "amount unit format timeZone existingFormat locale",
    "default": "default",
    "distinct": "",
    "endsWith": "value",
    "escapeChar": "type",
    "first": "",
    "flatten": "",
    "indent": "amount prefix",
    "join": "separator",
    "jq": "expression",
    "keys": "",
    "last": "",
    "length": "",
    "lower": "",
    "md5": "",
    "merge": "items",
    "nindent": "amount prefix",
    "nl2br": "",
    "number": "type",
    "numberFormat": "format",
    "replace": "replace_pairs regexp",
    "reverse": "",
    "rsort": "",
    "sha1": "",
    "sha256": "",
    "sha512": "",
    "slice": "fromIndex toIndex",
    "slugify": "",
    "sort": "",
    "split": "delimiter limit",
    "startsWith": "value",
    "string": "",
    "substringAfter": "separator",
    "substringAfterLast": "separator",
    "substringBefore": "separator",
    "substringBeforeLast": "separator",
    "timestamp": "timeZone existingFormat",
    "timestampMicro": "timeZone existingFormat",
    "timestampMilli": "timeZone existingFormat",
    "timestampNano": "timeZone existingFormat",
    "title": "",
    "toIon": "",
    "toJson": "",
    "trim": "",
    "upper": "",
    "urldecode": "",
    "urlencode": "",
    "values": "",
    "yaml": "",
}
NEW_FILTERS = {"format": "", "regexExtract": "regex group", "regexMatch": "regex", "regexReplace": "regex replacement"}
OLD_FILTERS = {"json": ""}
FUNCTION_ARGUMENTS = {
    "block": "name",
    "decrypt": "key encrypted",
    "encrypt": "key plaintext",
    "errorLogs": "",
    "fetchContext": "",
    "fileExists": "path",
    "fileSize": "path",
    "fileURI": "path revision",
    "fromIon": "ion allRows",
    "fromJson": "json",
    "http": "uri method query body contentType headers options accept",
    "id": "",
    "isFileEmpty": "path",
    "isPublicHoliday": "date countryCode subDivision",
    "ksuid": "",
    "kv": "key namespace errorOnMissing",
    "max": "",
    "min": "",
    "nanoId": "length alphabet",
    "now": "format timeZone existingFormat locale",
    "parent": "",
    "printContext": "",
    "randomInt": "lower upper",
    "randomPort": "",
    "range": "start end increment",
    "read": "path",
    "render": "toRender recursive",
    "renderOnce": "toRender",
    "secret": "key namespace subkey full",
    "tasksWithState": "state",
    "uuid": "",
    "yaml": "yaml",
}
NEW_FUNCTIONS = {
    "dayOfMonth": "date",
    "dayOfWeek": "date",
    "env": "name default",
    "hourOfDay": "date",
    "isDayWeekInMonth": "date dayOfWeek position",
    "isLastWorkingDay": "date workingDays",
    "isWeekend": "date",
    "loopOutputs": "outputs name",
    "monthOfYear": "date",
    "subflow": "namespace id inputs revision labels timeout",
}
OLD_FUNCTIONS = {"currentEachOutput": "outputs", "json": "json"}
DOCUMENTED_FUNCTIONS = {
    "isDateAfter": "date after",
    "isDateBefore": "date before",
    "isDateBetween": "date after before",
    "iterationOutput": "outputs iteration",
}
"""Named by the documents of 2.0, absent from the server that was seen."""
TEST_NAMES = {"defined", "empty", "even", "iterable", "json", "map", "null", "odd"}
REMOVED_TAGS = ["autoescape", "extends", "embed", "flush", "import", "from", "include", "parallel", "cache"]
REMOVED_FILTERS = ["escape", "raw", "numberformat"]
ABSENT_FUNCTIONS = ["credential", "appLink", "kestra"]
VERSIONS: dict[Dialect, tuple[dict[str, str], dict[str, str]]] = {
    "2.0": (FILTER_ARGUMENTS | NEW_FILTERS, FUNCTION_ARGUMENTS | NEW_FUNCTIONS),
    "1.3": (FILTER_ARGUMENTS | OLD_FILTERS, FUNCTION_ARGUMENTS | OLD_FUNCTIONS),
    "lenient": (
        FILTER_ARGUMENTS | NEW_FILTERS | OLD_FILTERS,
        FUNCTION_ARGUMENTS | NEW_FUNCTIONS | OLD_FUNCTIONS | DOCUMENTED_FUNCTIONS,
    ),
}


@pytest.mark.parametrize("dialect", VERSIONS)
def test_a_dialect_knows_these_filters_and_functions_with_these_arguments_and_no_others(dialect: Dialect) -> None:
    filters = {n: " ".join(s.parameters or ()) for n, s in FILTERS.items() if dialect in s.dialects}
    functions = {n: " ".join(s.parameters or ()) for n, s in FUNCTIONS.items() if dialect in s.dialects}
    assert (filters, functions) == VERSIONS[dialect]


def test_every_dialect_knows_these_tests() -> None:
    assert set(TESTS) == TEST_NAMES


@pytest.mark.parametrize("dialect", VERSIONS)
def test_names_of_another_version_are_found_without_rendering(dialect: Dialect) -> None:
    filters, functions = VERSIONS[dialect]
    asked = {name: problems(f"{{{{ 1 | {name} }}}}", dialect) for name in VERSIONS["lenient"][0]}
    assert {name for name, found in asked.items() if not found} == set(filters)
    asked = {name: problems(f"{{{{ {name}() }}}}", dialect) for name in VERSIONS["lenient"][1]}
    assert {name for name, found in asked.items() if not found} == set(functions)


@pytest.mark.parametrize("name", REMOVED_TAGS)
def test_tags_that_flows_do_not_have(name: str) -> None:
    assert name in REMOVED
    assert [p.code for p in problems(f"{{% {name} 'x' %}}")] == ["F352"]


@pytest.mark.parametrize("template", [f"{{{{ 'a' | {name} }}}}" for name in REMOVED_FILTERS])
def test_filters_that_flows_do_not_have(template: str) -> None:
    assert [p.code for p in problems(template)] == ["F352"]


@pytest.mark.parametrize("template", [f"{{{{ {name}('a') }}}}" for name in ABSENT_FUNCTIONS])
def test_functions_that_only_other_editions_have(template: str) -> None:
    assert [p.code for p in problems(template)] == ["F352"]
