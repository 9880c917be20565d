"""The two sides of a change as the plan carries them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from flowctl.model.keys import FileKey, FlowKey
from flowctl.model.ledger import KEYED
from flowctl.model.live import LiveFile, LiveFlow
from flowctl.model.plan import Content
from flowctl.model.project import Flow, KeyValue, NamespaceFile
from flowctl.planning.differences.compare import Difference
from flowctl.planning.differences.masking import Span, hidden_spans, whole_text, worth_a_look
from flowctl.planning.differences.ownership import Ownership
from flowctl.planning.reading import Documents


@dataclass(frozen=True, slots=True)
class Sides:
    """Makes contents. `sources` and `data` as in `PlanRequest`."""

    owned: Ownership
    sources: Mapping[FlowKey, str]
    data: Mapping[FileKey, bytes]
    documents: Documents = field(default_factory=Documents)

    def after(self, difference: Difference) -> Content | None:
        """What the files want; None when they want the object gone."""
        want = difference.desired
        if want is None:
            return None
        if isinstance(want, Flow):
            return Content(want.digest, source=want.source, hidden=self._hidden(want.digest, want.source))
        if isinstance(want, NamespaceFile):
            return Content(want.digest, data=self.data.get(want.key), size=want.size)
        return self._value(want)

    def _value(self, want: KeyValue) -> Content:
        """A value from a variable goes in by the variable's name and a keyed digest, never itself."""
        digest = want.digest if want.env is None else self.owned.keyed(want.digest)
        value = want.value if want.env is None else None
        return Content(digest, value=value, type=want.type, env=want.env, ttl=want.ttl, description=want.description)

    def before(self, difference: Difference) -> Content | None:
        """What the server has; None when it has nothing."""
        have = difference.existing
        if have is None:
            return None
        if isinstance(have, LiveFlow):
            source = self.sources.get(have.key, have.source)
            hidden = self._hidden(have.digest, source) if source is not None else ()
            return Content(have.digest, have.revision, source=source, hidden=hidden)
        if isinstance(have, LiveFile):
            return Content(have.digest, size=have.size)
        digest = self.owned.keyed(have.digest) if _is_secret(difference) else have.digest
        return Content(digest, have.revision, type=have.type)

    def _hidden(self, digest: str, text: str) -> tuple[Span, ...]:
        if not worth_a_look(text):
            return ()
        document = self.documents.read(digest, text)
        return hidden_spans(text, document) if document is not None else whole_text(text)


def _is_secret(difference: Difference) -> bool:
    """Whether a live value came from a variable, or will: then its plain digest must not be written down."""
    want, entry = difference.desired, difference.entry
    from_variable = isinstance(want, KeyValue) and want.env is not None
    return from_variable or (entry is not None and entry.digest.startswith(KEYED))
