"""The numbering of revisions, as an invariant over random histories, against a model of a few lines."""

from __future__ import annotations

import re
import sqlite3
from dataclasses import dataclass, field

from hypothesis import given
from hypothesis import strategies as st

from flowctl.engine.store.connections import _regexp
from flowctl.engine.store.migrating import migrations
from flowctl.engine.store.tables import flows
from flowctl.engine.store.tables.flow_rows import NewFlow
from flowctl.flowtext.digests import text_digest

TEXTS = ("a", "b", "revision: 3\na", "revision: 4\na", "a\n# note", "A")
Step = tuple[str, str, bool, tuple[int, ...]]


def database() -> sqlite3.Connection:
    connection = sqlite3.connect(":memory:", isolation_level=None)
    for step in migrations():
        connection.executescript(step.sql)
    connection.create_function("regexp", 2, _regexp)
    return connection


@dataclass
class Model:
    """What a flow's history should be: `(text, disabled, gone)` by number, and which numbers were dropped."""

    rows: list[tuple[str, bool, bool]] = field(default_factory=list)
    dropped: set[int] = field(default_factory=set)

    @property
    def living(self) -> bool:
        return bool(self.rows) and not self.rows[-1][2] and len(self.rows) not in self.dropped

    def save(self, text: str, disabled: bool) -> int:
        if self.living and self.rows[-1][1] == disabled and plain(self.rows[-1][0]) == plain(text):
            return len(self.rows)
        self.rows.append((text, disabled, False))
        return len(self.rows)

    def delete(self) -> bool:
        if not self.living:
            return False
        self.rows.append((self.rows[-1][0], self.rows[-1][1], True))
        return True

    def visible(self) -> list[int]:
        return [n for n, row in enumerate(self.rows, 1) if not row[2] and n not in self.dropped]


def plain(text: str) -> str:
    return re.sub(r"^revision: \d+\n", "", text, count=1)


STEPS = st.tuples(
    st.sampled_from(("save", "save", "save", "delete", "drop")),
    st.sampled_from(TEXTS),
    st.booleans(),
    st.lists(st.integers(1, 8), max_size=3).map(tuple),
)


@given(st.lists(STEPS, max_size=25))
def test_numbers_grow_are_never_used_twice_and_equal_texts_keep_theirs(steps: list[Step]) -> None:
    connection, model = database(), Model()
    for now, (word, text, disabled, numbers) in enumerate(steps):
        if word == "save":
            new = NewFlow("n", "f", text, text_digest(text), b'{"triggers":[]}', disabled=disabled)
            before = len(model.rows)
            saved = flows.save(connection, new, now)
            assert saved.row.revision == model.save(text, disabled)
            assert saved.stored == (len(model.rows) > before)
        elif word == "delete":
            assert (flows.delete(connection, "n", "f", now) is not None) == model.delete()
        elif model.living:
            flows.drop_revisions(connection, "n", "f", numbers)
            model.dropped |= {number for number in numbers if number <= len(model.rows)}
        newest = flows.newest(connection, "n", "f")
        assert (newest is not None) == model.living
        if newest:
            assert (newest.revision, newest.source) == (len(model.rows), model.rows[-1][0])
        assert [row.revision for row in flows.revisions(connection, "n", "f")] == model.visible()
        head = flows.head(connection, "n", "f")
        assert (head.revision if head else 0) == len(model.rows)


def test_the_source_of_every_revision_stays_as_it_was_sent() -> None:
    connection = database()
    for number, text in enumerate(("a\r\n", "\ufeffb", "c\n\n", "d", "revision: 1\nd\t")):
        flows.save(connection, NewFlow("n", "f", text, str(number), b'{"triggers":[]}'), number)
    assert [row.source for row in flows.revisions(connection, "n", "f")] == [
        "a\r\n",
        "\ufeffb",
        "c\n\n",
        "d",
        "revision: 1\nd\t",
    ]


def test_references_follow_the_newest_text() -> None:
    connection = database()
    one = NewFlow("n", "f", "1", "1", b'{"triggers":[]}', references=(("subflow", "n", "g"), ("subflow", "n", "g")))
    flows.save(connection, one, 1)
    query = "SELECT other_id FROM flow_references"
    assert connection.execute(query).fetchall() == [("g",)]
    flows.save(connection, NewFlow("n", "f", "2", "2", b'{"triggers":[]}'), 2)
    assert connection.execute(query).fetchall() == []
