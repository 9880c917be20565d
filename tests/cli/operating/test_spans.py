from __future__ import annotations

from pathlib import Path

import pytest

from flowctl.cli.operating.spans import span_of
from flowctl.errors import UsageError


def test_dates_are_sent_in_utc_with_inputs_and_labels() -> None:
    assert span_of("2026-03-01", "2026-03-02T01:00:00+01:00", ["a=b=c"], ["why=repair"]) == {
        "start": "2026-03-01T00:00:00Z",
        "end": "2026-03-02T00:00:00Z",
        "inputs": {"a": "b=c"},
        "labels": [{"key": "why", "value": "repair"}],
    }
    assert "end" not in span_of("2026-03-01T00:00:00Z", None, [], [])


def test_what_is_no_date_or_no_span_is_refused() -> None:
    with pytest.raises(UsageError, match="'yesterday' is no date"):
        span_of("yesterday", None, [], [])
    with pytest.raises(UsageError, match="is no date"):
        span_of("0001-01-01T00:00:00+23:59", None, [], [])
    with pytest.raises(UsageError, match="is before"):
        span_of("2026-03-02", "2026-03-01", [], [])


def test_a_file_is_refused_and_not_left_out(tmp_path: Path) -> None:
    file = tmp_path / "data.csv"
    file.write_text("1")
    with pytest.raises(UsageError, match="takes no files"):
        span_of("2026-03-02", None, [f"data=@{file}"], [])
