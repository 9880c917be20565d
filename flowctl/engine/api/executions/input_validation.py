"""What a server says of inputs before they are used: of a flow's, and of those of a paused task."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from flowctl.engine.api.dialects import Dialect
    from flowctl.engine.executor.records.definition import Definition
    from flowctl.language.inputs import ResolvedInput


def validation_json(
    definition: Definition, found: Sequence[ResolvedInput], form: Mapping[str, object], dialect: Dialect
) -> dict[str, object]:
    """The answer of a validation: each input with its value or its errors."""
    rows = [_row(one, form.get(one.id), dialect.name != "1.3") for one in found]
    return {"id": definition.id, "namespace": definition.namespace, "inputs": rows, "checks": []}


def _row(one: ResolvedInput, sent: object, modern: bool) -> dict[str, object]:
    row: dict[str, object] = {
        "input": shown_input(one.declared),
        "enabled": one.enabled,
        "isDefault": one.is_default,
        "errors": [],
    }
    row["value"] = sent if isinstance(sent, str) else one.value if one.error is None else None
    if one.error is not None:
        row["errors"] = [{"message": str(one.error)} | ({"renderError": False} if modern else {})]
    return {name: value for name, value in row.items() if value is not None}


def shown_input(declared: Mapping[str, object]) -> dict[str, object]:
    """A declared input with the members that servers fill in."""
    found = {"required": True} | dict(declared)
    if found.get("type") in ("SELECT", "MULTISELECT"):
        found = {"allowCustomValue": False, "autoSelectFirst": False} | found
    if found.get("type") == "SELECT":
        found = {"isRadio": False} | found
    defaults = found.get("defaults")
    if isinstance(defaults, int | float):
        found["defaults"] = str(defaults).lower() if isinstance(defaults, bool) else str(defaults)
    return found
