"""The pages of this package's codes, and the documents that are made from its tables."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest

from flowctl.flowtext.document import parse
from flowctl.language.legacy.page import legacy_page
from flowctl.language.types.flow import FLOW
from flowctl.language.types.page import types_page
from flowctl.language.validation import check_flow

ROOT = Path(__file__).parents[2]
PAGES = ROOT / "flowctl" / "pages"
SOURCES = [
    path for path in (ROOT / "flowctl" / "language").rglob("*.py") if "expressions" not in path.relative_to(ROOT).parts
]
USED = sorted({code for path in SOURCES for code in re.findall(r'"(F3[0-6]\d)"', path.read_text(encoding="utf-8"))})
LOG = {"id": "filler", "type": "io.kestra.plugin.core.log.Log", "message": "x"}
TRIGGER_KEYS = {"cron": "Schedule", "timezone": "Schedule", "mode": "Flow", "window": "Flow"}


@pytest.mark.parametrize("code", USED)
def test_every_code_has_a_page(code: str) -> None:
    lines = (PAGES / f"{code}.md").read_text(encoding="utf-8").splitlines()
    assert lines[0].startswith(f"# {code}: ") and "## What to do" in lines and "## Example" in lines


def blocks(code: str) -> list[str]:
    return re.findall(r"```yaml\n(.*?)```", (PAGES / f"{code}.md").read_text(encoding="utf-8"), re.DOTALL)


def flow_around(fragment: Any, code: str) -> Any:
    """The smallest flow with a page's example in it."""
    base: dict[str, Any] = {"id": "page", "namespace": "docs", "tasks": [LOG]}
    if code == "F301":
        return fragment
    if isinstance(fragment, list):
        part = fragment[0]
        if part.get("type") is None:
            kind = {"F325": "trigger.Webhook"}.get(code, "debug.Return")
            part = {**part, "type": f"io.kestra.plugin.core.{kind}"}
        where = "triggers" if code == "F325" else "tasks"
        return {**base, where: [{"key": "k", **part} if where == "triggers" else part]}
    if fragment.keys() <= FLOW.properties.keys():
        return {**base, **fragment}
    for key, kind in TRIGGER_KEYS.items():
        if key in fragment:
            schedule = {"cron": "@daily"} if kind == "Schedule" else {}
            other = {"dependsOn": [{"flowId": "x"}]} if kind == "Flow" else {}
            trigger = {"id": "t", "type": f"io.kestra.plugin.core.trigger.{kind}", **schedule, **other, **fragment}
            return {**base, "triggers": [trigger]}
    if "validator" in fragment:
        return {**base, "inputs": [{"id": "i", "type": "STRING", **fragment}]}
    if "type" in fragment:
        return {**base, "tasks": [{**({"message": "x"} if "tasks" not in fragment else {}), "id": "t", **fragment}]}
    outputs = [{"id": "load-data", "type": "io.kestra.plugin.core.debug.Return"}]
    return {**base, "tasks": [*outputs, {**LOG, **fragment}]}


def found_in(text: str, code: str) -> set[str]:
    document = parse(text)
    flow = flow_around(document.value, code)
    duplicates = [path for path, _ in document.duplicates]
    return {
        finding.code
        for dialect in ("lenient", "2.0")
        for finding in check_flow(flow, dialect=dialect, strict_types=True, source_duplicates=duplicates)  # type: ignore[arg-type]
    }


@pytest.mark.parametrize("code", [code for code in USED if code != "F317"])
def test_the_example_of_a_page_shows_its_code(code: str) -> None:
    wrong, *right = blocks(code)
    assert code in found_in(wrong, code)
    for text in right:
        assert code not in found_in(text, code)


def test_legacy_page_is_made_from_the_table() -> None:
    assert (ROOT / "docs" / "legacy.md").read_text(encoding="utf-8") == legacy_page()


def test_types_page_is_made_from_the_catalogue() -> None:
    assert (ROOT / "docs" / "types.md").read_text(encoding="utf-8") == types_page()
