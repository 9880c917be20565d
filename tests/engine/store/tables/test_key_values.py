"""Key-value pairs in the store."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing

import pytest

from flowctl.engine.store.tables import key_values
from tests.engine.store.tables.test_flows import database


@pytest.fixture
def connection() -> Iterator[sqlite3.Connection]:
    with closing(database()) as opened:
        yield opened


def test_a_pair_takes_date_and_description_over_from_one_that_is_there(connection: sqlite3.Connection) -> None:
    key_values.put(connection, "n", "k", "NUMBER", 1, 10, ttl_ms=5, description="of old")
    row = key_values.put(connection, "n", "k", "NUMBER", 2, 14)
    assert (row.created_ms, row.description, row.revision) == (10, "of old", 2)


def test_a_pair_whose_time_is_over_gives_its_revision_alone(connection: sqlite3.Connection) -> None:
    key_values.put(connection, "n", "k", "NUMBER", 1, 10, ttl_ms=5, description="of old")
    row = key_values.put(connection, "n", "k", "NUMBER", 2, 15)
    assert (row.created_ms, row.description, row.revision) == (15, None, 2)
