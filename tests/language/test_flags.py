"""Booleans in all the ways in which a server reads them."""

from __future__ import annotations

import pytest

from flowctl.language.flags import is_off, is_on
from flowctl.language.validation import check_flow


@pytest.mark.parametrize("value", [True, "true", "True", "TRUE", " true ", 1, -7], ids=repr)
def test_on(value: object) -> None:
    assert is_on(value) and not is_off(value)


@pytest.mark.parametrize("value", [False, "false", "False", "FALSE", "false ", 0], ids=repr)
def test_off(value: object) -> None:
    assert is_off(value) and not is_on(value)


@pytest.mark.parametrize("value", [None, "", "yes", "{{ true }}", 1.0, [], {}, [True]], ids=repr)
def test_neither(value: object) -> None:
    assert not is_on(value) and not is_off(value)


@pytest.mark.parametrize(
    ("value", "good"),
    [(True, True), ("true", True), ("False", True), (0, True), ("", True), ("yes", False), ("tRuE", False)],
    ids=repr,
)
def test_what_validation_lets_pass_is_read(value: object, good: bool) -> None:
    task = {"id": "t", "type": "io.kestra.plugin.core.log.Log", "message": "x", "disabled": value}
    found = check_flow({"id": "f", "namespace": "n", "tasks": [task]}, strict_types=True)
    assert (not [finding for finding in found if finding.severity == "error"]) is good
