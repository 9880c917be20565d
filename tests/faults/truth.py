"""What must hold after any fault, whatever it was."""

from __future__ import annotations

from flowctl.model.keys import FlowKey, ObjectKey
from flowctl.model.ledger import Ledger, keyed_digest
from flowctl.model.plan import Action
from flowctl.remote.port import Server
from tests.applying.world import World, source, texts

WRITES = (Action.CREATE, Action.UPDATE, Action.DELETE)


def check_ledger_claims(server: Server, world: World, before: Ledger) -> None:
    """Every entry that is not from before says what the server has."""
    live = server.read_state(world.environment)
    assert live.ledger_problem is None
    assert live.ledger is not None and live.ledger.lineage == before.lineage
    for key, entry in live.ledger.entries.items():
        if entry == before.entries.get(key):
            continue
        have = live.flows.get(key) or live.files.get(key) or live.kv.get(key)  # type: ignore[call-overload]
        assert have is not None, f"the ledger claims {key}, which is not there"
        if entry.digest.startswith("hmac:"):
            assert keyed_digest(live.ledger.digest_key, have.digest) == entry.digest
        else:
            assert have.digest == entry.digest
        if isinstance(key, FlowKey):
            assert entry.revision == have.revision


def differing(server: Server, world: World) -> set[ObjectKey]:
    """The objects in which server and files really differ; all that is on the server is ours in these tests."""
    live, project = server.read_state(world.environment), world.project()
    have = {key: one.digest for side in (live.flows, live.files, live.kv) for key, one in side.items()}
    want = {key: one.digest for side in (project.flows, project.files, project.kv) for key, one in side.items()}
    return {key for key in have.keys() | want.keys() if have.get(key) != want.get(key)}


def check_plan_tells_the_truth(server: Server, world: World) -> None:
    """The next plan writes exactly what differs, refuses nothing, and calls nothing somebody else's."""
    plan = world.plan(server)
    assert plan.refusals == ()
    assert plan.unmanaged == ()
    assert {change.key for change in plan.changes if change.action in WRITES} == differing(server, world)


def check_convergence(server: Server, world: World) -> None:
    """The next apply makes both sides equal, and then there is nothing left to do."""
    report = world.apply(server)
    assert report.ok, report
    live = server.read_state(world.environment)
    assert texts(server, live) == world.flows
    assert world.plan(server).empty
    assert live.ledger is not None
    assert set(live.ledger.entries) == {*live.flows, *live.files, *live.kv}


def edit_everything(world: World) -> None:
    """Other files than those of the apply that was cut short."""
    world.flows = {id_: source(id_, "edited after the kill") for id_ in (*world.flows, "gone")}
    world.calls = {}
    world.files = dict.fromkeys(world.files, b"edited")
    world.kv = {"key": "edited"}
    world.environ = {"PASSWORD": "hunter4"}
