"""The text behind "because" for each action."""

from __future__ import annotations

from flowctl.model.ledger import KEYED, LedgerEntry
from flowctl.model.live import LiveState
from flowctl.model.plan import Action
from flowctl.model.project import Flow, KeyValue, NamespaceFile
from flowctl.planning.differences.compare import Difference
from flowctl.planning.differences.ownership import Ownership


def reason_for(difference: Difference, owned: Ownership, live: LiveState) -> str:
    """Why an object is in the plan."""
    if difference.action is Action.CREATE:
        return "it was deleted on the server" if difference.owned else "it is not on the server"
    if difference.action is Action.UPDATE:
        return _updated(difference, owned)
    if difference.action is Action.DELETE:
        return "no file has it any more"
    if difference.action is Action.FORGET:
        if difference.existing is not None:
            return "no file has it any more; it stays on the server"
        return "neither the files nor the server have it any more"
    if difference.kept_off is not None:
        return "it is disabled on the server, and as its file says otherwise"
    return _adopted(difference, owned, live)


def _updated(difference: Difference, owned: Ownership) -> str:
    entry, want, have = difference.entry, difference.desired, difference.existing
    if entry is None:
        return "the server has other content, which flowctl did not apply"
    assert want is not None and have is not None
    if owned.same(entry.digest, have.digest):
        return _wished(entry, want)
    if owned.same(entry.digest, difference.kept_off or want.digest):
        return "it was changed on the server"
    return f"{_wished(entry, want)}, and so did the server"


def _wished(entry: LedgerEntry, want: Flow | NamespaceFile | KeyValue) -> str:
    """What changed on our side: a keyed digest says that the value came from a variable before, too."""
    if isinstance(want, KeyValue) and want.env and entry.digest.startswith(KEYED):
        return f"the value of {want.env} changed"
    return "the file changed"


def _adopted(difference: Difference, owned: Ownership, live: LiveState) -> str:
    entry, have = difference.entry, difference.existing
    if entry is None:
        return (
            "the server has the same content, and flowctl did not apply it before"
            if live.ledger is not None
            else "the server has the same content, and there is no ledger yet"
        )
    if entry is not owned.recorded.get(difference.key):
        return "an apply that was cut short wrote it"
    assert have is not None
    if owned.same(entry.digest, have.digest):
        return "it was written again on the server, with the same content"
    return "the server has the file's content already"
