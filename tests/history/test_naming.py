"""Names that some disks take for one."""

from __future__ import annotations

import pytest

from flowctl.history.naming import numbered, steps, twin


@pytest.mark.parametrize(
    ("name", "others", "found"),
    [
        ("a.yaml", ["A.yaml"], "A.yaml"),
        ("a.yaml", ["a.yaml", "b.yaml"], None),
        ("a.yaml", ["a.yml", "aa.yaml"], None),
        ("STRASSE", ["straße"], "straße"),
        ("caf\u00e9", ["cafe\u0301"], "cafe\u0301"),
    ],
    ids=["case", "itself", "others", "sharp s", "composed"],
)
def test_names_that_are_one_on_some_disks(name: str, others: list[str], found: str | None) -> None:
    assert twin(name, others) == found


def test_a_number_that_is_free() -> None:
    assert numbered("x/a.yaml", ["A.yaml"]) == "x/a-2.yaml"
    assert numbered("x/a.b.yaml", ["A.b.yaml", "A.B-2.yaml"]) == "x/a.b-3.yaml"


def test_the_way_to_a_file() -> None:
    assert list(steps("a/b/c")) == [("", "a"), ("a", "b"), ("a/b", "c")]
