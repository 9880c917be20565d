"""Filters that write and query structures: JSON, jq, Ion, YAML."""

from __future__ import annotations

from flowctl.language.expressions.running import Run
from flowctl.language.expressions.specs import BEFORE_2, Filters, Given, text

STRUCTURE_FILTERS = Filters()


@STRUCTURE_FILTERS.add("toJson")
def to_json(run: Run, value: object, given: Given) -> object:
    """Compact JSON; null is `null`, null entries of maps are left out."""
    return run.json(value)


@STRUCTURE_FILTERS.add("json", dialects=BEFORE_2, hint="write `toJson`")
def json_(run: Run, value: object, given: Given) -> object:
    """As `toJson`; removed in 2.0."""
    return run.json(value)


@STRUCTURE_FILTERS.add("jq", "expression")
def jq(run: Run, value: object, given: Given) -> object:
    """The results of a jq program over the value, always as a list; null for null."""
    if value is None:
        return None
    from flowctl.language.expressions.jq import run_jq

    return run_jq(run, value, text(given, "expression"))


@STRUCTURE_FILTERS.add("toIon")
def to_ion(run: Run, value: object, given: Given) -> object:
    """The value as Ion text."""
    from flowctl.language.expressions.formats.ion import write_ion

    return write_ion(value, run.limit, run.late)


@STRUCTURE_FILTERS.add("yaml")
def yaml(run: Run, value: object, given: Given) -> object:
    """The value as YAML text."""
    from flowctl.language.expressions.formats.yamltext import write_yaml

    return write_yaml(value, run.limit, run.late)
