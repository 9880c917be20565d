"""Backfills: a trigger's dates of a span of the past, fired one after the other."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime

from flowctl.engine.executor.records.secretplaces import Place, concealed
from flowctl.engine.scheduler.occurrence import Occurrence, following


@dataclass(frozen=True, slots=True)
class Backfill:
    """`current` is the next date to fire; `resume_at` the trigger's own next date, taken up at the end; `secret` are
    the places of secret values among the inputs."""

    start: datetime
    end: datetime
    current: datetime
    paused: bool = False
    inputs: Mapping[str, object] = field(default_factory=dict)
    labels: tuple[tuple[str, str], ...] = ()
    resume_at: datetime | None = None
    secret: tuple[Place, ...] = ()


def begin(
    trigger: Mapping[str, object],
    start: datetime,
    end: datetime,
    resume_at: datetime | None,
    inputs: Mapping[str, object],
    labels: tuple[tuple[str, str], ...],
    secret: tuple[Place, ...] = (),
) -> Backfill | None:
    """A backfill over the dates from `start` to `end`, both included; None when there is none in that span."""
    cron_before = start.replace(microsecond=0)
    first = following(trigger, cron_before.fromtimestamp(cron_before.timestamp() - 1, tz=start.tzinfo))
    while first is not None and first < start:
        first = following(trigger, first)
    if first is None or first > end:
        return None
    return Backfill(start, end, first, False, inputs, labels, resume_at, secret)


def step(trigger: Mapping[str, object], backfill: Backfill) -> tuple[Occurrence, Backfill | None]:
    """The date that fires now, and the backfill afterwards: None at its end, where `next` is the trigger's own date."""
    after = following(trigger, backfill.current)
    if after is None or after > backfill.end:
        return Occurrence(backfill.current, backfill.resume_at), None
    return Occurrence(backfill.current, after), replace(backfill, current=after)


def to_json(backfill: Backfill) -> dict[str, object]:
    """As the API shows it and the store keeps it: secret inputs hidden."""
    found: dict[str, object] = {
        "start": backfill.start.isoformat(),
        "end": backfill.end.isoformat(),
        "currentDate": backfill.current.isoformat(),
        "paused": backfill.paused,
        "inputs": concealed(list(backfill.secret), dict(backfill.inputs)),
        "labels": [{"key": key, "value": value} for key, value in backfill.labels],
    }
    if backfill.resume_at is not None:
        found["previousNextExecutionDate"] = backfill.resume_at.isoformat()
    return found


def from_json(value: Mapping[str, object]) -> Backfill:
    """The inverse of `to_json`; `secret` are the places among the inputs, whose values are there."""
    inputs, labels, resume = value.get("inputs"), value.get("labels"), value.get("previousNextExecutionDate")
    secret = value.get("secret")
    pairs = [item for item in labels if isinstance(item, dict)] if isinstance(labels, list) else []
    return Backfill(
        datetime.fromisoformat(str(value["start"])),
        datetime.fromisoformat(str(value["end"])),
        datetime.fromisoformat(str(value["currentDate"])),
        value.get("paused") is True,
        inputs if isinstance(inputs, dict) else {},
        tuple((str(item.get("key")), str(item.get("value"))) for item in pairs),
        datetime.fromisoformat(str(resume)) if resume else None,
        tuple(secret) if isinstance(secret, list) else (),
    )
