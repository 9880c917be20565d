"""Every filter, function and test of the language."""

from __future__ import annotations

from flowctl.language.expressions.datefilters import DATE_FILTERS
from flowctl.language.expressions.datefunctions import DATE_FUNCTIONS
from flowctl.language.expressions.encodingfilters import ENCODING_FILTERS
from flowctl.language.expressions.hookfunctions import HOOK_FUNCTIONS
from flowctl.language.expressions.listfilters import LIST_FILTERS
from flowctl.language.expressions.numberfilters import NUMBER_FILTERS
from flowctl.language.expressions.predicates import TESTS
from flowctl.language.expressions.purefunctions import PURE_FUNCTIONS
from flowctl.language.expressions.randomfunctions import RANDOM_FUNCTIONS
from flowctl.language.expressions.regexfilters import REGEX_FILTERS
from flowctl.language.expressions.specs import FilterSpec, FunctionSpec, TestSpec
from flowctl.language.expressions.structurefilters import STRUCTURE_FILTERS
from flowctl.language.expressions.textfilters import TEXT_FILTERS

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
