"""The one entry of the rules."""

from __future__ import annotations

import pytest

from flowctl.language.validation.check import check_flow


@pytest.mark.parametrize(
    ("value", "kind"),
    [(None, "nothing"), ([], "a list"), ("hello", "text"), (42, "a number"), (True, "true or false")],
    ids=["nothing", "list", "text", "number", "boolean"],
)
def test_what_is_no_flow_is_called_as_people_call_it(value: object, kind: str) -> None:
    (found,) = check_flow(value, strict_types=True)
    assert (found.code, found.path) == ("F301", ())
    assert found.message.endswith(f"found {kind}")
