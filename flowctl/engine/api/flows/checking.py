"""From a flow's text to what is saved: read it, check it, shape its JSON. What was learned is remembered by digest."""

from __future__ import annotations

import threading
from collections import OrderedDict
from dataclasses import dataclass, replace

from flowctl.engine.api.http.problems import ErrorItem
from flowctl.engine.store.tables.flow_rows import NewFlow
from flowctl.flowtext.digests import text_digest
from flowctl.flowtext.document import Document, YamlProblem, parse
from flowctl.language.findings import Finding
from flowctl.language.flags import is_on
from flowctl.language.references import references
from flowctl.language.validation import check_flow, constraint_text, error_items
from flowctl.model.environment import Dialect

REMEMBERED_TEXT = 64 * 1024
REMEMBERED_IN_ALL = 8 * 1024 * 1024
DUPLICATE_KEY = "F303"


@dataclass(frozen=True, slots=True)
class CheckedFlow:
    """A text and everything that is known of it. `flow` is what can be saved, None when there are errors.

    `value` is the plain data, None when the text could not be read. `unreadable` tells the two kinds of error apart:
    a text that cannot be read has no id or namespace to speak of.
    """

    digest: str
    findings: tuple[Finding, ...]
    namespace: str | None
    id: str | None
    flow: NewFlow | None
    value: dict[str, object] | None
    revision: int | None = None

    @property
    def unreadable(self) -> bool:
        """Whether a server would have no flow object at all."""
        return self.value is None or any(found.family == "parse" for found in self.errors())

    def errors(self, *, duplicates: bool = True) -> list[Finding]:
        """What stands against saving. Without `duplicates`, keys that are there twice are let pass (as in validate)."""
        return [
            found
            for found in self.findings
            if found.severity == "error" and (duplicates or found.code != DUPLICATE_KEY)
        ]

    def error_items(self) -> list[ErrorItem]:
        """The errors of a refused save."""
        return [ErrorItem(item["message"], item["path"] or "yaml") for item in error_items(self.findings)]

    def constraints(self) -> str | None:
        """The text of `constraints` in validate; None when the flow may be saved."""
        return constraint_text(self.errors(duplicates=False))


class FlowChecker:
    """Checks texts under one dialect."""

    def __init__(self, dialect: Dialect) -> None:
        self._dialect = dialect
        self._known: OrderedDict[str, tuple[CheckedFlow, int]] = OrderedDict()
        self._size = 0
        self._lock = threading.Lock()

    def check(self, text: str) -> CheckedFlow:
        """Everything about a text; never raises, whatever it holds."""
        digest = text_digest(text)
        with self._lock:
            found = self._known.get(digest)
            if found:
                self._known.move_to_end(digest)
                return found[0]
        checked = self._check(text, digest)
        if len(text) <= REMEMBERED_TEXT:
            self._remember(checked, len(text))
        return checked

    def _remember(self, checked: CheckedFlow, size: int) -> None:
        """Keep a result; the longest unused ones go when there are too many characters of text behind them."""
        with self._lock:
            if checked.digest not in self._known:
                self._known[checked.digest] = checked, size
                self._size += size
            while self._size > REMEMBERED_IN_ALL:
                self._size -= self._known.popitem(last=False)[1][1]

    def _check(self, text: str, digest: str) -> CheckedFlow:
        try:
            document = parse(text)
            return self._judge(document, text, digest)
        except YamlProblem as problem:
            where = f" (line {problem.line}, column {problem.column})"
            return _unreadable(digest, f"Illegal flow yaml: {problem.message}{where}")
        except (ValueError, RecursionError, OverflowError, TypeError, AttributeError, LookupError) as error:
            return _unreadable(digest, f"Unable to validate the flow: {type(error).__name__}: {error}")

    def _judge(self, document: Document, text: str, digest: str) -> CheckedFlow:
        value = document.value
        if not isinstance(value, dict):
            return _unreadable(digest, "Illegal flow yaml: no flow in the text (No content to map due to end-of-input)")
        findings = tuple(
            check_flow(
                value,
                dialect=self._dialect,
                strict_types=True,
                source_duplicates=[path for path, _ in document.duplicates],
                source_empty=document.empty,
            )
        )
        sound = not any(found.severity == "error" for found in findings)
        namespace, id_, revision = value.get("namespace"), value.get("id"), value.get("revision")
        return CheckedFlow(
            digest,
            findings,
            str(namespace) if namespace is not None else None,
            str(id_) if id_ is not None else None,
            new_flow(value, text, digest) if sound else None,
            value,
            revision if isinstance(revision, int) and not isinstance(revision, bool) else None,
        )


def new_flow(value: dict[str, object], text: str, digest: str) -> NewFlow:
    """What is saved of a sound flow."""
    from flowctl.engine.api.flows.shapes import triggers_of

    return replace(
        draft_flow(value, text, digest),
        references=tuple(
            (found.relation, found.namespace, found.flow_id) for found in references(value) if not found.dynamic
        ),
        triggers=triggers_of(value),
    )


def draft_flow(value: dict[str, object], text: str, digest: str) -> NewFlow:
    """What is saved of a draft with errors: nothing starts it, so its triggers and what it names do not count."""
    from flowctl.engine.api.flows.shapes import body_of, labels_of

    return NewFlow(
        namespace=str(value["namespace"]),
        id=str(value["id"]),
        source=text,
        digest=digest,
        body=body_of(value),
        labels=labels_of(value),
        disabled=is_on(value.get("disabled")),
    )


def _unreadable(digest: str, message: str) -> CheckedFlow:
    finding = Finding((), message, "error", "F301", shown="yaml", family="parse")
    return CheckedFlow(digest, (finding,), None, None, None, None)
