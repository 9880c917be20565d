"""Tasks over namespace files: which they take, and under which names they give them."""

from __future__ import annotations

import pytest

from tests.engine.running import Engine, flow, output, states

CORE = "type: io.kestra.plugin.core.namespace."
UP = (
    f"  - {{id: up, {CORE}UploadFiles, namespace: test.engine, filesMap: {{p/a.csv: one, p/b.md: two, c.md: three}}}}\n"
)


def files(running: Engine, more: str, task: str = "DownloadFiles") -> object:
    step = f"  - {{id: t, {CORE}{task}, namespace: test.engine, {more}}}\n"
    left = f"  - {{id: left, {CORE}DownloadFiles, namespace: test.engine, files: ['**']}}\n"
    found = output(running.run(flow(UP + step + left)), "t" if task == "DownloadFiles" else "left")["files"]
    assert isinstance(found, dict)
    return sorted(found)


@pytest.mark.parametrize("more", ["", ", destination: else/where", ", destination: /x/"])
def test_a_destination_is_no_part_of_the_names_that_come_back(running: Engine, more: str) -> None:
    assert files(running, f"files: ['p/**']{more}") == ["/p/a.csv", "/p/b.md"]


@pytest.mark.parametrize(
    ("pattern", "found"),
    [
        ("p/a.csv", ["/p/a.csv"]),
        ("**/*.md", ["/c.md", "/p/b.md"]),
        ('["c.md"]', ["/c.md"]),
        ("{{ 'p' }}/a*", ["/p/a.csv"]),
    ],
)
def test_one_text_is_one_pattern(running: Engine, pattern: str, found: list[str]) -> None:
    assert files(running, f"files: '{pattern.replace(chr(39), chr(39) * 2)}'") == found


def test_one_text_names_what_is_deleted(running: Engine) -> None:
    assert files(running, "files: p/**", "DeleteFiles") == ["/c.md"]


def test_no_pattern_is_no_list(running: Engine) -> None:
    step = f"  - {{id: t, {CORE}DownloadFiles, namespace: test.engine, files: '{{\"a\": 1}}'}}\n"
    assert states(running.run(flow(step))) == {"t": "FAILED"}
