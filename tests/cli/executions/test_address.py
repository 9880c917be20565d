"""Flows and inputs as they are typed."""

from __future__ import annotations

from pathlib import Path

import pytest

from flowctl.cli.executions.address import Inputs, parse_address, parse_inputs, parse_label
from flowctl.errors import UsageError
from flowctl.model.keys import FlowKey


@pytest.mark.parametrize(
    ("text", "environment", "key"),
    [
        ("dev/hello", None, FlowKey("dev", "hello")),
        ("dev.analytics/daily-etl", None, FlowKey("dev.analytics", "daily-etl")),
        ("production:company.team/hello", "production", FlowKey("company.team", "hello")),
    ],
)
def test_a_flow_is_namespace_slash_id(text: str, environment: str | None, key: FlowKey) -> None:
    assert parse_address(text) == (environment, key)


@pytest.mark.parametrize("text", ["hello", "dev/", "/hello", "dev/a/b", "dev/hel lo", "Dev:a/b", "", "a:b:c/d"])
def test_anything_else_is_refused_with_its_text(text: str) -> None:
    with pytest.raises(UsageError) as caught:
        parse_address(text)
    assert caught.value.diagnostics[0].code == "C115"
    assert repr(text) in caught.value.diagnostics[0].summary


def test_inputs_are_texts_or_files(tmp_path: Path) -> None:
    file = tmp_path / "a=b.csv"
    file.write_text("1")
    assert parse_inputs(["a=1", "b=x=y", "c=", f"d=@{file}", "e=@@at"]) == Inputs(
        (("a", "1"), ("b", "x=y"), ("c", ""), ("e", "@at")), (("d", file),)
    )


@pytest.mark.parametrize("value", ["a", "=b", "", "f=@/nowhere/at/all"])
def test_a_bad_input_is_refused(value: str) -> None:
    with pytest.raises(UsageError) as caught:
        parse_inputs([value])
    assert caught.value.diagnostics[0].code == "C116"


@pytest.mark.parametrize(("value", "label"), [("a=b", "a:b"), ("a:b=c", "a:b=c"), ("team=a b", "team:a b")])
def test_labels_go_to_the_server_with_a_colon(value: str, label: str) -> None:
    assert parse_label(value) == label


@pytest.mark.parametrize("value", ["a", "a=", ":b", ""])
def test_a_label_has_a_name_and_a_value(value: str) -> None:
    with pytest.raises(UsageError):
        parse_label(value)
