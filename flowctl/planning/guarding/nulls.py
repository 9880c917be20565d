"""Empty entries where a task, trigger or input belongs, looked for once more before anything is sent."""

from __future__ import annotations

import re

from flowctl.flowtext.places import format_place
from flowctl.model.diagnostic import Diagnostic
from flowctl.model.project import Flow
from flowctl.planning import refusals
from flowctl.planning.reading import Documents

_MIGHT = re.compile(r"null|Null|NULL|~|^\s*-\s*(#.*)?$|[\[,]\s*[,\]]|\btask:\s*(#.*)?$", re.MULTILINE)


def null_elements(flow: Flow, documents: Documents) -> list[Diagnostic]:
    """P105 for every null element of a wanted flow. A text without anything like a null is not parsed."""
    if not _MIGHT.search(flow.source):
        return []
    document = documents.read(flow.digest, flow.source)
    if document is None or not isinstance(document.value, dict):
        return []
    from flowctl.language.validation import nulls

    found = nulls.null_elements(document.value)
    return [refusals.null_element(flow.key, format_place(document.value, finding.path), flow.path) for finding in found]
