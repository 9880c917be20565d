"""The options of a plan, as they are typed again."""

from __future__ import annotations

import shlex

import pytest

from flowctl.cli.plans.prepare import Wishes

CASES = [
    (Wishes(), ""),
    (Wishes(select=("dev/*", "dev.a/b"), drain=True), " --select 'dev/*' --select dev.a/b --drain"),
    (Wishes(changed_since="HEAD~1", max_deletes="20%"), " --changed-since 'HEAD~1' --max-deletes 20%"),
    (Wishes(allow_empty=True, forget=("a/b",), quiet_window=90.0), " --allow-empty --forget a/b --quiet-window 90s"),
]


@pytest.mark.parametrize(("wishes", "typed"), CASES)
def test_what_was_asked_for_is_typed_again(wishes: Wishes, typed: str) -> None:
    assert wishes.typed == typed
    assert shlex.split(wishes.typed) == [word.strip("'") for word in typed.split()]
