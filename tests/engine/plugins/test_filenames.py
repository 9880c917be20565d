"""Names of files that a task leaves in the storage."""

from __future__ import annotations

from flowctl.engine.plugins.filenames import stored_name


def test_a_name_at_the_top_stays() -> None:
    assert stored_name("a.txt") == stored_name("/a.txt") == "a.txt"


def test_names_below_directories_are_kept_apart_and_recognised() -> None:
    names = [stored_name(path) for path in ("d/a.txt", "e/a.txt", "d/e/a.txt")]
    assert len(set(names)) == 3
    assert all(name.endswith("-a.txt") and "/" not in name for name in names)
