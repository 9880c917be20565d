"""A flow as JSON: what is kept of it at the save, and the answers made from that."""

from __future__ import annotations

from datetime import UTC, datetime

import orjson

from flowctl.engine.store.jsontext import dump
from flowctl.engine.store.tables.flow_rows import NO_TRIGGERS, FlowRow, Saved, TriggerRow
from flowctl.language.flags import is_on
from flowctl.language.types import find_type

# Members that the server says itself; what the text says of them is not repeated.
_OWN = frozenset(
    {"id", "namespace", "revision", "disabled", "deleted", "updated", "source", "triggers", "tenantId", "draft"}
)
_EMPTY_TRIGGERS = b"," + NO_TRIGGERS


def body_of(value: dict[str, object]) -> bytes:
    """The JSON that is stored with a revision: nulls left out, labels as a list of key and value, triggers last."""
    body: dict[str, object] = {"id": str(value["id"]), "namespace": str(value["namespace"])}
    for key, member in value.items():
        if key not in _OWN and member is not None:
            body[key] = label_items(member) if key == "labels" else without_nulls(member)
    triggers = value.get("triggers")
    body["triggers"] = without_nulls(triggers) if isinstance(triggers, list) else []
    return dump(body)


def without_nulls(value: object) -> object:
    """The same data without the null members of its maps."""
    if isinstance(value, dict):
        return {key: without_nulls(member) for key, member in value.items() if member is not None}
    if isinstance(value, list):
        return [without_nulls(item) for item in value]
    return value


def label_items(labels: object) -> list[dict[str, str]]:
    """Labels, written as a map or as a list of key and value, as that list."""
    if isinstance(labels, dict):
        return [{"key": str(key), "value": scalar_text(value)} for key, value in labels.items() if value is not None]
    if isinstance(labels, list):
        return [
            {"key": str(item["key"]), "value": scalar_text(item["value"])}
            for item in labels
            if isinstance(item, dict) and item.get("key") is not None and item.get("value") is not None
        ]
    return []


def labels_of(value: dict[str, object]) -> str:
    """Labels as a JSON object, for filters."""
    return dump({item["key"]: item["value"] for item in label_items(value.get("labels"))}).decode()


def scalar_text(value: object) -> str:
    """A scalar as a label's text: `true`, not `True`."""
    if isinstance(value, str):
        return value
    return dump(value).decode().strip()


def triggers_of(value: dict[str, object]) -> tuple[TriggerRow, ...]:
    """The triggers that get a row of their own: those evaluated by time (seen: webhooks have none)."""
    rows = []
    triggers = value.get("triggers")
    for item in triggers if isinstance(triggers, list) else []:
        kind = _trigger_kind(str(item.get("type", ""))) if isinstance(item, dict) else None
        if kind:
            text = dump(without_nulls(item)).decode()
            rows.append(TriggerRow(str(item.get("id")), kind, is_on(item.get("disabled")), text))
    return tuple(rows)


def _trigger_kind(name: str) -> str | None:
    """SCHEDULE by the clock, POLLING by an interval; None for what others set off (webhooks, flows)."""
    if name.rpartition(".")[2] in ("Schedule", "ScheduleOnDates"):
        return "SCHEDULE"
    found = find_type(name)
    return "POLLING" if found and found.spec.kind == "trigger" and "interval" in found.spec.properties else None


DRAFT, NOT_A_DRAFT = b',"draft":true', b',"draft":false'


def read_json(row: FlowRow, *, source: bool = False, draft: bool = False) -> bytes:
    """The answer to a read; a tombstone has no `updated` (seen). `draft`: whether one that is
    no draft says so."""
    parts = [row.body[:-1], _state(row), _draft(row, draft)]
    if not row.deleted:
        parts.append(b',"updated":"' + timestamp(row.updated_ms).encode() + b'"')
    if source:
        parts.append(b',"source":' + _text(row.source))
    return b"".join([*parts, b"}"])


def saved_json(saved: Saved, *, draft: bool = False) -> bytes:
    """The answer to a save: without `updated`, and without triggers the text does not have, when it stored
    something; else like a read (seen)."""
    if not saved.stored:
        return read_json(saved.row, source=True, draft=draft)
    row = saved.row
    body = row.body.removesuffix(_EMPTY_TRIGGERS) if row.body.endswith(_EMPTY_TRIGGERS) else row.body[:-1]
    return b"".join([body, _state(row), _draft(row, draft), b',"source":' + _text(row.source), b"}"])


def array(items: list[bytes]) -> bytes:
    """A JSON array of JSON texts."""
    return b"[" + b",".join(items) + b"]"


def page(items: list[bytes], total: int) -> bytes:
    """A paged answer of JSON texts."""
    return b'{"results":' + array(items) + b',"total":%d}' % total


def timestamp(milliseconds: int) -> str:
    """ISO-8601 in UTC with six digits after the second, as real servers write it."""
    return datetime.fromtimestamp(milliseconds / 1000, UTC).isoformat(timespec="microseconds").replace("+00:00", "Z")


def _state(row: FlowRow) -> bytes:
    disabled, deleted = b"true" if row.disabled else b"false", b"true" if row.deleted else b"false"
    return b',"revision":%d,"disabled":%b,"deleted":%b' % (row.revision, disabled, deleted)


def _draft(row: FlowRow, said: bool) -> bytes:
    return DRAFT if row.draft else NOT_A_DRAFT if said else b""


def _text(source: str) -> bytes:
    try:
        return orjson.dumps(source)
    except TypeError:
        return dump(source)
