"""Where what a server has goes among the files."""

from __future__ import annotations

import pytest

from flowctl.history.placing import NoPlace, place_of
from flowctl.model.keys import FileKey, FlowKey, KvKey, ObjectKey


@pytest.mark.parametrize(
    ("key", "path"),
    [
        (FlowKey("dev", "a.b-c_d"), "a.b-c_d.yaml"),
        (FlowKey("dev.team.etl", "load"), "team/etl/load.yaml"),
        (FileKey("dev.team", "/sql/.hidden/q.sql"), "team/_files/sql/.hidden/q.sql"),
        (KvKey("dev", "../LIMIT"), "_kv.yaml"),
    ],
    ids=["flow", "flow-below", "file", "value"],
)
def test_a_namespace_is_a_directory(key: ObjectKey, path: str) -> None:
    assert place_of(key, "dev") == path


@pytest.mark.parametrize(
    ("key", "reason"),
    [
        (FlowKey("developers", "load"), "its namespace lies outside dev"),
        (FlowKey("dev._x", "load"), "no flows are read from a directory called '_x'"),
        (FlowKey("dev...etc", "load"), "no flows are read from a directory called ''"),
        (FlowKey("dev.a/../b", "load"), "no flows are read from a directory called"),
        (FlowKey("dev", "../../load"), "no flow is read from a file called"),
        (FlowKey("dev", "_load"), "no flow is read from a file called '_load.yaml'"),
        (FlowKey("dev", "a\\b"), "no flow is read from a file called"),
        (FileKey("dev", "/../../.profile"), "its path names no file below one directory"),
        (FileKey("dev", "//a"), "its path names no file below one directory"),
    ],
    ids=["outside", "underscore", "dots", "slash", "up", "flow-underscore", "backslash", "file-up", "file-empty"],
)
def test_what_no_file_would_mean_has_no_place(key: ObjectKey, reason: str) -> None:
    with pytest.raises(NoPlace, match=reason.replace(".", r"\.")):
        place_of(key, "dev")
