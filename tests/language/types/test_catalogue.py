"""The catalogue of types."""

from __future__ import annotations

import re

import pytest

from flowctl.language.types import Catalogue, TypeSpec, shape_of
from flowctl.language.types.build import flag, literal, text
from flowctl.language.types.catalogue import built_in
from flowctl.language.types.spec import PropertySpec
from flowctl.model.environment import Dialect
from tests.language.recorded import load


@pytest.mark.parametrize(
    ("name", "dialect", "canonical"),
    [
        ("io.kestra.plugin.core.log.Log", "2.0", "io.kestra.plugin.core.log.Log"),
        ("io.kestra.core.tasks.log.Log", "1.3", "io.kestra.plugin.core.log.Log"),
        ("io.kestra.core.tasks.log.Log", "2.0", None),
        ("io.kestra.plugin.core.flow.WaitFor", "2.0", "io.kestra.plugin.core.flow.LoopUntil"),
        ("io.kestra.core.tasks.flows.Flow", "1.3", "io.kestra.plugin.core.flow.Subflow"),
        ("io.kestra.core.tasks.flows.Worker", "lenient", "io.kestra.plugin.core.flow.WorkingDirectory"),
        ("io.kestra.core.tasks.flows.ForEach", "1.3", None),
        ("io.kestra.core.tasks.flows.ForEach", "lenient", "io.kestra.plugin.core.flow.ForEach"),
        ("io.kestra.plugin.core.flow.ForEach", "2.0", None),
        ("io.kestra.plugin.core.flow.Loop", "1.3", None),
        ("io.kestra.plugin.core.condition.DayWeekCondition", "1.3", "io.kestra.plugin.core.condition.DayWeek"),
        (
            "io.kestra.core.models.conditions.types.VariableCondition",
            "1.3",
            "io.kestra.plugin.core.condition.Expression",
        ),
        ("io.kestra.plugin.fs.http.Request", "lenient", "io.kestra.plugin.core.http.Request"),
        ("io.kestra.core.tasks.scripts.Bash", "1.3", "io.kestra.plugin.scripts.shell.Commands"),
        ("io.kestra.plugin.core.log.log", "lenient", None),
        ("", "lenient", None),
    ],
)
def test_names(name: str, dialect: Dialect, canonical: str | None) -> None:
    found = built_in().find(name, dialect)
    assert (found.canonical if found else None) == canonical
    if found is not None:
        assert found.deprecated_alias == (name if name != canonical else None)


def test_properties_are_those_that_a_server_lists() -> None:
    """A refusal of an unknown property names all known ones: ours are the same, for every type it was seen of."""
    seen = 0
    for dialect, areas in (("2.0", load("verdicts-2.0.json")), ("1.3", load("verdicts-1.3.json"))):
        for flows in areas.values():
            for recorded in flows.values():
                match = re.search(
                    r"\(class (io\.kestra\.plugin\.core[\w.]+)\).*known properties: ([^)]*)\)",
                    recorded.get("constraints", ""),
                )
                found = built_in().find(match[1], dialect) if match else None  # type: ignore[arg-type]
                if match and found:
                    theirs = set(re.findall(r'"(\w+)"', match[2]))
                    assert set(found.spec.shape(dialect).properties) == theirs, (match[1], dialect)  # type: ignore[arg-type]
                    seen += 1
    assert seen >= 12


def test_every_child_property_is_a_property() -> None:
    for spec in built_in().all():
        assert set(spec.children) <= set(spec.properties), spec.name
        assert spec.flowable or not set(spec.children) - {"errors", "finally"}
        assert spec.title, spec.name


def test_a_plugin_adds_and_replaces_types() -> None:
    catalogue = Catalogue()
    first = TypeSpec(
        "com.example.Task", "task", {"id": literal(required=True), "a": text()}, aliases=("com.example.Old",)
    )
    catalogue.add(first)
    found = catalogue.find("com.example.Old", "lenient")
    assert found is not None and found.spec is first and found.deprecated_alias == "com.example.Old"
    second = TypeSpec("com.example.Task", "task", {"id": literal(required=True), "b": flag()})
    catalogue.add(second)
    again = catalogue.find("com.example.Task", "2.0")
    assert again is not None and again.spec is second
    assert list(catalogue.all("task")) == [second] and list(catalogue.all("trigger")) == []


def test_a_shape_is_the_part_that_a_dialect_knows() -> None:
    properties = {
        "old": PropertySpec("string", required=True, dialects=("1.3",)),
        "new": PropertySpec("string", dialects=("2.0",)),
        "later": PropertySpec("string", dialects=()),
    }
    assert set(shape_of(properties, "1.3").properties) == {"old"}
    assert set(shape_of(properties, "2.0").properties) == {"new"}
    assert set(shape_of(properties, "lenient").properties) == {"old", "new", "later"}
    assert shape_of(properties, "1.3").required == ("old",) and shape_of(properties, "2.0").required == ()
    assert shape_of(properties, "1.3") is shape_of(properties, "1.3")
