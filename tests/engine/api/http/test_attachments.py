"""Names of files that a browser saves."""

from __future__ import annotations

from pathlib import Path
from urllib.parse import quote, unquote

import pytest
from hypothesis import given
from hypothesis import strategies as st

from flowctl.engine.api.http.attachments import attachment
from tests.engine.api.server import running


def test_a_plain_name_is_quoted() -> None:
    assert attachment("team.a_files.zip") == {"Content-Disposition": 'attachment; filename="team.a_files.zip"'}


@given(st.text())
def test_any_name_becomes_one_ascii_line_and_can_be_read_again(name: str) -> None:
    (line,) = attachment(name).values()
    assert line.isascii() and line.isprintable()
    if "filename*=" in line:
        assert unquote(line.removeprefix("attachment; filename*=UTF-8''")) == name
    else:
        assert line == f'attachment; filename="{name}"' and '"' not in name


@pytest.mark.parametrize("name", ["報告", 'a"b', "é; x=1", "😀"])
def test_names_from_the_path_of_a_request_are_answered(tmp_path: Path, name: str) -> None:
    with running(tmp_path) as server:
        answers = [
            server.get(f"/{at}") for at in (f"namespaces/{quote(name)}/files/export", f"logs/{quote(name)}/download")
        ]
    assert [answer.status_code for answer in answers] == [200, 200]
    assert [unquote(answer.headers["content-disposition"].split("''")[1]) for answer in answers] == [
        f"{name}_files.zip",
        f"{name}.log",
    ]
