"""Applying against the real server, in a batch and object by object, own routes and plain Kestra."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from dataclasses import replace

import httpx
import pytest

from flowctl.errors import ApplyError
from flowctl.model.diagnostic import Diagnostic
from flowctl.model.keys import FlowKey, KvKey
from flowctl.model.plan import Action
from flowctl.model.progress import Step
from flowctl.model.report import Outcome
from flowctl.remote.client import HttpServer
from tests.applying.world import NS, World, source, texts
from tests.remote.loopback import Hidden, Running

MODES = ["batch", "single", "plain"]


class Counting(httpx.BaseTransport):
    """Remembers what was sent."""

    def __init__(self, inner: httpx.BaseTransport) -> None:
        self._inner = inner
        self.sent: list[str] = []

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        self.sent.append(f"{request.method} {request.url.path.removeprefix('/api/v1/main')}")
        return self._inner.handle_request(request)

    @property
    def writes(self) -> list[str]:
        return [line for line in self.sent if not line.startswith("GET") and "/sources" not in line]


class Setting:
    """A server, a client in one of the modes, and a world to apply."""

    def __init__(self, running: Running, mode: str) -> None:
        self.mode, self.running = mode, running
        environment = running.environment(plain=mode == "plain")
        self.wire = Counting(Hidden() if mode == "plain" else httpx.HTTPTransport())
        self.server: HttpServer = running.connect(environment, plain=mode == "plain", transport=self.wire)
        self.world = World(environment)
        self.options: dict[str, object] = {"single": True} if mode == "single" else {}

    def apply(self, **more: object):  # type: ignore[no-untyped-def]
        return self.world.apply(self.server, **{**self.options, **more})  # type: ignore[arg-type]

    def other(self) -> HttpServer:
        """Somebody else."""
        return self.running.connect()


@pytest.fixture(params=MODES)
def setting(request: pytest.FixtureRequest, live_server: Running) -> Iterator[Setting]:
    found = Setting(live_server, request.param)
    yield found
    found.server.close()


def fill(world: World) -> None:
    world.flows = {"parent": source("parent", calls="child"), "child": source("child"), "lone": source("lone")}
    world.calls = {"parent": "child"}
    world.files = {"/a/b.txt": b"\x00bytes", "/pack.zip": b"PK not really"}
    world.kv = {"plain": "value"}
    world.variables = {"SECRET": ("STRING", "DB_PASSWORD")}
    world.environ = {"DB_PASSWORD": "hunter2"}


def test_everything_planned_is_applied_and_the_next_plan_is_empty(setting: Setting) -> None:
    fill(setting.world)
    report = setting.apply()
    assert report.ok
    assert [result.outcome for result in report.results] == [Outcome.APPLIED] * 7
    live = setting.server.read_state(setting.world.environment)
    assert texts(setting.server, live) == setting.world.flows
    assert setting.server.read_value(KvKey(NS, "SECRET")) == ("STRING", "hunter2")
    assert setting.world.plan(setting.server).empty


def test_a_second_apply_sends_no_write(setting: Setting) -> None:
    fill(setting.world)
    setting.apply()
    before = len(setting.wire.writes)
    report = setting.apply()
    assert report.ok
    assert report.results == ()
    assert setting.wire.writes[before:] == []


def test_edits_deletes_and_values_reach_the_server_and_the_ledger(setting: Setting) -> None:
    fill(setting.world)
    setting.apply()
    world = setting.world
    world.flows["child"] = source("child", "changed")
    world.flows["new"] = source("new")
    del world.flows["lone"], world.kv["plain"], world.files["/pack.zip"]
    world.files["/a/b.txt"] = b"other"
    world.environ["DB_PASSWORD"] = "hunter3"
    report = setting.apply()
    assert report.ok
    ends = {result.key.address: (result.revision_before, result.revision_after) for result in report.results}
    assert ends["flow dev/child"] == (1, 2)
    assert report.serial == 2
    live = setting.server.read_state(world.environment)
    assert live.ledger is not None
    assert set(live.ledger.entries) == {*live.flows, *live.files, *live.kv}
    assert live.ledger.entries[FlowKey(NS, "child")].revision == 2
    assert live.ledger.entries[FlowKey(NS, "child")].by == "ann@desk"
    assert setting.server.read_value(KvKey(NS, "SECRET")) == ("STRING", "hunter3")
    assert world.plan(setting.server).empty


def test_the_history_says_what_every_apply_did(setting: Setting) -> None:
    fill(setting.world)
    setting.apply()
    setting.world.flows["child"] = source("child", "changed")
    setting.apply()
    newest, oldest = setting.server.read_history(NS)
    assert (newest.serial, oldest.serial, len(oldest.changes)) == (2, 1, 7)
    change = newest.changes[0]
    assert (change.key, change.action) == (FlowKey(NS, "child"), Action.UPDATE)
    assert (change.revision_before, change.revision_after) == (1, 2)


def test_no_secret_is_in_ledger_lock_history_or_plan(setting: Setting) -> None:
    fill(setting.world)
    setting.apply()
    plain = setting.world.project().kv[KvKey(NS, "SECRET")].digest
    ledger = setting.server.read_ledger(NS)
    assert ledger is not None
    assert ledger.entries[KvKey(NS, "SECRET")].digest.startswith("hmac:")
    kept = f"{ledger}{setting.server.read_lock(NS)}{setting.server.read_history(NS)}"
    assert "hunter2" not in kept
    assert plain is not None and plain not in kept


def test_a_missing_variable_is_refused_before_any_write(setting: Setting) -> None:
    fill(setting.world)
    plan = setting.world.plan(setting.server)
    before = len(setting.wire.writes)
    with pytest.raises(ApplyError) as error:
        setting.apply(plan=plan, environ={})
    assert error.value.diagnostics[0].code == "A102"
    assert "DB_PASSWORD" in error.value.diagnostics[0].summary
    assert setting.wire.writes[before:] == []


def test_a_variable_of_the_wrong_type_is_refused_and_not_shown(setting: Setting) -> None:
    setting.world.variables = {"N": ("NUMBER", "COUNT")}
    setting.world.environ = {"COUNT": "5"}
    plan = setting.world.plan(setting.server)
    with pytest.raises(ApplyError) as error:
        setting.apply(plan=plan, environ={"COUNT": "hunter2"})
    assert error.value.diagnostics[0].code == "A102"
    assert "hunter2" not in str(error.value.diagnostics)


def test_a_variable_that_changed_since_the_plan_is_refused(setting: Setting) -> None:
    fill(setting.world)
    setting.apply()
    setting.world.environ["DB_PASSWORD"] = "hunter3"
    plan = setting.world.plan(setting.server)
    with pytest.raises(ApplyError) as error:
        setting.apply(plan=plan, environ={"DB_PASSWORD": "hunter4"})
    assert error.value.diagnostics[0].code == "A116"


def test_a_plan_with_refusals_writes_nothing(setting: Setting) -> None:
    fill(setting.world)
    plan = replace(setting.world.plan(setting.server), refusals=(Diagnostic("P101", "error", "not ours"),))
    before = len(setting.wire.sent)
    with pytest.raises(ApplyError) as error:
        setting.apply(plan=plan)
    assert [one.code for one in error.value.diagnostics] == ["A101", "P101"]
    assert setting.wire.sent[before:] == []


def test_an_object_that_moved_is_named_and_nothing_is_written(setting: Setting) -> None:
    fill(setting.world)
    setting.apply()
    setting.world.flows["child"] = source("child", "ours")
    setting.world.flows["lone"] = source("lone", "ours")
    plan = setting.world.plan(setting.server)
    setting.other().update_flow(FlowKey(NS, "child"), source("child", "theirs"))
    with pytest.raises(ApplyError) as error:
        setting.apply(plan=plan)
    (one,) = error.value.diagnostics
    assert (one.code, one.subject) == ("A104", "flow dev/child")
    assert "revision 1" in one.detail and "revision 2" in one.detail
    lone = setting.server.read_flow(FlowKey(NS, "lone"))
    assert lone is not None and lone.revision == 1
    lock = setting.server.read_lock(NS)
    assert lock is not None and lock.released


def test_an_object_that_somebody_created_meanwhile_is_not_overwritten(setting: Setting) -> None:
    setting.world.flows = {"f": source("f", "ours")}
    setting.world.kv = {"k": "ours"}
    plan = setting.world.plan(setting.server)
    setting.other().create_flow(FlowKey(NS, "f"), source("f", "theirs"))
    setting.other().put_value(KvKey(NS, "k"), "STRING", "theirs")
    with pytest.raises(ApplyError) as error:
        setting.apply(plan=plan)
    assert {one.subject for one in error.value.diagnostics} == {"flow dev/f", "kv dev:k"}
    assert setting.server.read_value(KvKey(NS, "k")) == ("STRING", "theirs")


def test_a_plan_for_another_server_is_refused(setting: Setting) -> None:
    fill(setting.world)
    plan = setting.world.plan(setting.server)
    with pytest.raises(ApplyError) as error:
        setting.apply(plan=replace(plan, server=replace(plan.server, id="elsewhere")))
    assert error.value.diagnostics[0].code == "A105"


def test_a_plan_for_another_lineage_is_refused(setting: Setting) -> None:
    fill(setting.world)
    setting.apply()
    setting.world.flows["child"] = source("child", "changed")
    plan = setting.world.plan(setting.server)
    with pytest.raises(ApplyError) as error:
        setting.apply(plan=replace(plan, lineage="other"))
    assert error.value.diagnostics[0].code == "A105"


def test_a_plan_that_was_applied_is_stale(setting: Setting) -> None:
    fill(setting.world)
    plan = setting.world.plan(setting.server)
    setting.apply(plan=plan)
    with pytest.raises(ApplyError) as error:
        setting.apply(plan=plan)
    assert error.value.diagnostics[0].code == "A119"


def test_a_plan_without_its_contents_is_refused(setting: Setting) -> None:
    setting.world.files = {"/a.txt": b"x"}
    plan = setting.world.plan(setting.server)
    after = plan.changes[0].after
    assert after is not None
    hollow = replace(plan, changes=(replace(plan.changes[0], after=replace(after, data=None)),))
    with pytest.raises(ApplyError) as error:
        setting.apply(plan=hollow)
    assert error.value.diagnostics[0].code == "A118"


def test_an_equal_flow_of_somebody_else_is_adopted_in_the_ledger_alone(setting: Setting) -> None:
    setting.other().create_flow(FlowKey(NS, "f"), source("f"))
    setting.world.flows = {"f": source("f")}
    report = setting.apply()
    assert [(result.action, result.outcome) for result in report.results] == [(Action.ADOPT, Outcome.APPLIED)]
    flow = setting.server.read_flow(FlowKey(NS, "f"))
    assert flow is not None and flow.revision == 1
    assert setting.world.plan(setting.server).empty


def test_what_is_gone_on_both_sides_is_forgotten(setting: Setting) -> None:
    setting.world.flows = {"f": source("f"), "g": source("g")}
    setting.apply()
    del setting.world.flows["f"]
    setting.other().delete_flow(FlowKey(NS, "f"))
    report = setting.apply()
    assert [(result.action, result.outcome) for result in report.results] == [(Action.FORGET, Outcome.APPLIED)]
    ledger = setting.server.read_ledger(NS)
    assert ledger is not None and set(ledger.entries) == {FlowKey(NS, "g")}


def test_a_deleted_flow_that_comes_back_goes_on_in_its_numbering(setting: Setting) -> None:
    setting.world.flows = {"f": source("f")}
    setting.apply()
    setting.world.flows = {}
    setting.apply()
    setting.world.flows = {"f": source("f")}
    report = setting.apply()
    assert report.results[0].revision_after == 3
    assert setting.world.plan(setting.server).empty


def test_a_damaged_ledger_is_replaced_by_what_is_there(setting: Setting) -> None:
    setting.world.flows = {"f": source("f"), "g": source("g")}
    setting.apply()
    setting.other().put_value(KvKey(NS, "flowctl.ledger"), "JSON", {"format": "1.0", "data": "x"})
    report = setting.apply()
    assert report.ok
    assert {result.action for result in report.results} == {Action.ADOPT}
    assert setting.world.plan(setting.server).empty


def test_every_object_has_its_event(setting: Setting) -> None:
    fill(setting.world)
    report = setting.apply()
    finished = [event for event in setting.world.progress if event.step is Step.FINISH]
    assert {event.change.key for event in finished if event.change} == {result.key for result in report.results}


def test_an_interrupt_before_the_first_write_leaves_everything_as_it_was(setting: Setting) -> None:
    if setting.mode == "batch":
        return  # A batch is one write: there is nothing to interrupt in between.
    fill(setting.world)
    stop = threading.Event()
    stop.set()
    report = setting.apply(stop=stop)
    assert report.interrupted
    assert report.count(Outcome.NOT_ATTEMPTED) == 7
    assert all(result.error is not None and result.error.code == "A114" for result in report.results)
    assert setting.server.read_state(setting.world.environment).flows == {}
    assert setting.apply().ok
