"""Flows as the store holds them."""

from __future__ import annotations

from dataclasses import dataclass, field

# How the JSON of a flow without triggers ends (see `NewFlow.body`).
NO_TRIGGERS = b'"triggers":[]}'
LIMITED = b'"concurrency":'


@dataclass(frozen=True, slots=True)
class TriggerRow:
    """A trigger that is evaluated by time, as its flow's text defines it. `definition` is JSON."""

    id: str
    kind: str
    disabled: bool
    definition: str


@dataclass(frozen=True, slots=True)
class NewFlow:
    """A checked flow, ready to be saved.

    `body` is the JSON of its members without revision, disabled, deleted and source, triggers last; `labels` a JSON
    object; `references` are `(relation, namespace, id)` of the flows it names.
    """

    namespace: str
    id: str
    source: str
    digest: str
    body: bytes
    labels: str = "{}"
    disabled: bool = False
    references: tuple[tuple[str, str, str], ...] = ()
    triggers: tuple[TriggerRow, ...] = ()


@dataclass(frozen=True, slots=True)
class FlowRow:
    """One revision of a flow. `deleted` for a tombstone, `draft` for one that is started only by its number; times in
    milliseconds since 1970."""

    namespace: str
    id: str
    revision: int
    digest: str
    disabled: bool
    deleted: bool
    updated_ms: int
    body: bytes = field(repr=False)
    source: str = field(repr=False)
    draft: bool = False

    @property
    def has_followers(self) -> bool:
        """Whether something that runs in the server follows its text: triggers, or executions that wait for room."""
        return not self.body.endswith(NO_TRIGGERS) or LIMITED in self.body


@dataclass(frozen=True, slots=True)
class Saved:
    """The outcome of a save. `stored` is False when the text was the same and the old revision stands;
    `followers_touched` when the text before or the new one has triggers or a limit (see `FlowRow.has_followers`)."""

    row: FlowRow
    stored: bool
    followers_touched: bool = False


@dataclass(frozen=True, slots=True)
class Head:
    """The newest revision of a flow that is no draft, without its text."""

    revision: int
    digest: str
    disabled: bool
    deleted: bool
