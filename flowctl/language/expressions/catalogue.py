"""Every filter, function and test of the language."""

from __future__ import annotations

from flowctl.language.expressions.filters.dates import DATE_FILTERS
from flowctl.language.expressions.filters.encoding import ENCODING_FILTERS
from flowctl.language.expressions.filters.lists import LIST_FILTERS
from flowctl.language.expressions.filters.numbers import NUMBER_FILTERS
from flowctl.language.expressions.filters.regexes import REGEX_FILTERS
from flowctl.language.expressions.filters.structures import STRUCTURE_FILTERS
from flowctl.language.expressions.filters.texts import TEXT_FILTERS
from flowctl.language.expressions.functions.dates import DATE_FUNCTIONS
from flowctl.language.expressions.functions.hooks import HOOK_FUNCTIONS
from flowctl.language.expressions.functions.pure import PURE_FUNCTIONS
from flowctl.language.expressions.functions.randomness import RANDOM_FUNCTIONS
from flowctl.language.expressions.operations.predicates import TESTS
from flowctl.language.expressions.specs import FilterSpec, FunctionSpec, TestSpec

FILTERS: dict[str, FilterSpec] = {
    **TEXT_FILTERS,
    **LIST_FILTERS,
    **NUMBER_FILTERS,
    **ENCODING_FILTERS,
    **REGEX_FILTERS,
    **STRUCTURE_FILTERS,
    **DATE_FILTERS,
}
FUNCTIONS: dict[str, FunctionSpec] = {**PURE_FUNCTIONS, **RANDOM_FUNCTIONS, **DATE_FUNCTIONS, **HOOK_FUNCTIONS}

__all__ = ["FILTERS", "FUNCTIONS", "TESTS", "FilterSpec", "FunctionSpec", "TestSpec"]
