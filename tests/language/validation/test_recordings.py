"""Our verdicts and those of real servers, over the recorded flows and over variations of them."""

from __future__ import annotations

import copy
import re
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from flowctl.flowtext.document import parse
from flowctl.language.normalise import normalise
from flowctl.language.references import references
from flowctl.language.validation import check_flow, constraint_text, error_items
from flowctl.model.environment import Dialect
from tests.language.recorded import DIALECTS, cases, check_source, load

READ_PROBLEM = re.compile(r"Unrecognized field|Invalid type|Cannot deserialize|YAML parsing|Unable to validate")


@pytest.mark.parametrize("dialect", DIALECTS)
def test_verdicts_agree(dialect: Dialect) -> None:
    wrong = []
    for area, flows in load(f"verdicts-{dialect}.json").items():
        for name, recorded in flows.items():
            text = constraint_text(check_source(recorded["source"], dialect))
            if (text is None) != recorded["valid"]:
                wrong.append((area, name, recorded.get("constraints"), text))
    assert wrong == []


def test_the_text_of_rules_about_elements_and_the_whole_flow_is_the_servers() -> None:
    """Reading problems have our own words; every other text is compared to the letter."""
    compared = 0
    for dialect, area, name in cases():
        recorded = load(f"verdicts-{dialect}.json")[area][name]
        theirs = recorded.get("constraints")
        if theirs and not READ_PROBLEM.search(theirs):
            assert constraint_text(check_source(recorded["source"], dialect)) == theirs, (area, name)
            compared += 1
    assert compared > 60


def test_reading_problems_name_what_the_server_named() -> None:
    compared = 0
    for dialect, area, name in cases():
        recorded = load(f"verdicts-{dialect}.json")[area][name]
        named = re.search(r'Unrecognized field "[^"]+"|Invalid type: [\w.]+', recorded.get("constraints") or "")
        if named is not None:
            text = constraint_text(check_source(recorded["source"], dialect))
            assert text is not None and named[0] in text, (area, name)
            compared += 1
    assert compared > 40


def test_lenient_takes_what_either_server_takes() -> None:
    """But for an Echo without text, which 1.3 saves and then fails."""
    refused = [
        (dialect, area, name)
        for dialect, area, name in cases()
        if load(f"verdicts-{dialect}.json")[area][name]["valid"]
        and constraint_text(check_source(load(f"verdicts-{dialect}.json")[area][name]["source"], "lenient"))
    ]
    assert refused == [("1.3", "legacy", "echo_without_format")]


names = st.from_regex(r"[a-zA-Z0-9][a-zA-Z0-9_-]{0,30}", fullmatch=True).filter(
    lambda name: name.lower() not in ("null", "true", "false", "yes", "no", "on", "off") and not name[0].isdigit()
)


@settings(max_examples=120, deadline=None)
@given(case=st.sampled_from(cases()), flow_id=names, namespace=st.from_regex(r"[a-z][a-z0-9_]{0,20}", fullmatch=True))
def test_verdicts_do_not_depend_on_the_flows_own_names(
    case: tuple[Dialect, str, str], flow_id: str, namespace: str
) -> None:
    dialect, area, name = case
    recorded = load(f"verdicts-{dialect}.json")[area][name]
    source = recorded["source"]
    if "Recursive" in (recorded.get("constraints") or "") or name in ("flow_id_missing", "namespace_upper_case"):
        return
    varied = re.sub(r"(?m)^id: .*$", f"id: {flow_id}", source, count=1)
    varied = re.sub(r"(?m)^namespace: .*$", f"namespace: {namespace}", varied, count=1)
    text = constraint_text(check_source(varied, dialect))
    if flow_id in ("pause", "resume", "kill", "executions", "search", "source", "disable", "enable"):
        return
    assert (text is None) == recorded["valid"], text


def places(value: object, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    """Every place of a value that could hold something else."""
    found = []
    pairs = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, item in pairs:
        found.append((*path, key))
        found += places(item, (*path, key))
    return found


def replaced(value: object, path: tuple[Any, ...], new: object) -> object:
    result = copy.deepcopy(value)
    here: Any = result
    for step in path[:-1]:
        here = here[step]
    here[path[-1]] = new
    return result


odd = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(),
    st.floats(allow_nan=True),
    st.text(max_size=8),
    st.just([None]),
    st.just({}),
    st.just([]),
    st.just({"type": None}),
    st.just({"id": None, "type": "io.kestra.plugin.core.log.Log"}),
    st.just([{"type": ["x"]}]),
)


@settings(max_examples=400, deadline=None)
@given(data=st.data(), case=st.sampled_from(cases()), new=odd, strict=st.booleans())
def test_nothing_put_anywhere_breaks_a_check(data: st.DataObject, case: Any, new: object, strict: bool) -> None:
    dialect, area, name = case
    if name.startswith("yaml_"):
        return
    value = parse(load(f"verdicts-{dialect}.json")[area][name]["source"]).value
    path = data.draw(st.sampled_from(places(value)))
    changed = replaced(value, path, new)
    before = copy.deepcopy(changed)
    for which in ("lenient", "2.0", "1.3"):
        found = check_flow(changed, dialect=which, strict_types=strict)
        assert (constraint_text(found) is None) == (not error_items(found))
        normalise(changed, which)
    references(changed)
    assert repr(changed) == repr(before), "a check changes nothing"


STRUCTURAL = ("tasks", "errors", "finally", "afterExecution", "triggers", "inputs", "then", "else", "onResume")


@settings(max_examples=200, deadline=None)
@given(data=st.data(), case=st.sampled_from(cases()))
def test_null_among_tasks_triggers_and_inputs_is_always_refused(data: st.DataObject, case: Any) -> None:
    dialect, area, name = case
    if name.startswith("yaml_"):
        return
    value = parse(load(f"verdicts-{dialect}.json")[area][name]["source"]).value
    lists = [
        p for p in places(value) if p[-1] in STRUCTURAL and isinstance(at(value, p), list) and structural(value, p)
    ]
    if not lists:
        return
    path = data.draw(st.sampled_from(lists))
    items = list(at(value, path))
    index = data.draw(st.integers(0, len(items)))
    items.insert(index, None)
    changed = replaced(value, path, items)
    for strict in (True, False):
        found = check_flow(changed, dialect=dialect, strict_types=strict)
        assert [f.path for f in found if f.code == "F302"] == [(*path, index)]


def at(value: Any, path: tuple[Any, ...]) -> Any:
    for step in path:
        value = value[step]
    return value


def structural(value: Any, path: tuple[Any, ...]) -> bool:
    """Whether a list is a part of the flow's structure, not free data that happens to have such a name."""
    holder = at(value, path[:-1])
    named = len(path) == 1 or (isinstance(holder, dict) and str(holder.get("type", "")).startswith("io.kestra.plugin"))
    return named and not {"values", "variables", "data", "value"} & set(path)
