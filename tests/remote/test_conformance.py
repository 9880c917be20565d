"""One suite for every way to a server: with batch, object by object, plain Kestra 2.0, plain 1.3."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest

from flowctl.errors import ServerRefused
from flowctl.flowtext.digests import bytes_digest, kv_digest, text_digest
from flowctl.model.environment import Dialect, Environment
from flowctl.model.history import HistoryChange, HistoryEntry
from flowctl.model.keys import FileKey, FlowKey, KvKey
from flowctl.model.ledger import Intent, Ledger, LedgerEntry, Lock
from flowctl.model.plan import Action
from flowctl.remote.client import HttpServer
from tests.remote.loopback import Running, running

NS = "dev"
NOW = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)
WAYS: list[tuple[Dialect, bool]] = [("2.0", False), ("lenient", False), ("1.3", False), ("2.0", True), ("1.3", True)]


@pytest.fixture(params=WAYS, ids=lambda way: f"{way[0]}-{'plain' if way[1] else 'own'}")
def way(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Running, bool]]:
    dialect, plain = request.param
    with running(tmp_path_factory.mktemp("data"), dialect) as found:
        yield found, plain


@pytest.fixture
def environment(way: tuple[Running, bool]) -> Environment:
    return way[0].environment(plain=way[1])


@pytest.fixture
def server(way: tuple[Running, bool], environment: Environment) -> Iterator[HttpServer]:
    found = way[0].connect(environment, plain=way[1])
    yield found
    found.close()


def source(id_: str, message: str = "hello") -> str:
    return (
        f"# naïve ✓ comment\r\nid: {id_}\nnamespace: {NS}\ntasks:\n  - id: log\n"
        f"    type: io.kestra.plugin.core.log.Log\n    message: {message}\n\n"
    )


def test_a_flow_lives_and_its_text_comes_back_byte_for_byte(server: HttpServer) -> None:
    key = FlowKey(NS, "f")
    assert server.read_flow(key) is None
    created = server.create_flow(key, source("f"))
    assert (created.revision, created.digest) == (1, text_digest(source("f")))
    found = server.read_flow(key)
    assert found is not None
    assert (found.source, found.revision, found.digest) == (source("f"), 1, created.digest)
    assert server.update_flow(key, source("f")).revision == 1
    assert server.update_flow(key, source("f", "bye")).revision == 2
    assert server.delete_flow(key) is True
    assert server.delete_flow(key) is False
    assert server.read_flow(key) is None
    assert server.create_flow(key, source("f")).revision == 4


def test_creating_another_flow_under_a_taken_key_is_refused(server: HttpServer, request: pytest.FixtureRequest) -> None:
    dialect, _ = request.node.callspec.params["way"]
    key = FlowKey(NS, "f")
    server.create_flow(key, source("f"))
    with pytest.raises(ServerRefused) as caught:
        server.create_flow(key, source("f", "other"))
    assert caught.value.status == (422 if dialect == "1.3" else 409)
    assert server.create_flow(key, source("f")).revision == 1


def test_updating_what_is_not_there_is_refused(server: HttpServer) -> None:
    with pytest.raises(ServerRefused) as caught:
        server.update_flow(FlowKey(NS, "nothing"), source("nothing"))
    assert caught.value.status == 404
    assert caught.value.diagnostics[0].code == "S203"


@pytest.mark.parametrize("path", ["/a.txt", "/deep/er/ü b.bin", "/archive.zip", "/q?&=#.txt"])
@pytest.mark.parametrize("data", [b"", b"\x00\xff\r\n", b"text"])
def test_a_file_lives(server: HttpServer, path: str, data: bytes) -> None:
    key = FileKey(NS, path)
    assert server.read_file(key) is None
    assert server.put_file(key, b"before").digest == bytes_digest(b"before")
    assert server.put_file(key, data).digest == bytes_digest(data)
    assert server.read_file(key) == data
    server.delete_file(key)
    assert server.read_file(key) is None


VALUES = [
    ("STRING", "hello world"),
    ("STRING", ""),
    ("STRING", 'quotes " and \\ and \n lines'),
    ("NUMBER", 42),
    ("NUMBER", 1.5),
    ("BOOLEAN", True),
    ("DATETIME", "2026-03-01T10:00:00Z"),
    ("DATE", "2026-03-01"),
    ("DURATION", "PT5M"),
    ("JSON", {"a": [1, None, "ü"], "b": {}}),
    ("JSON", []),
]


@pytest.mark.parametrize(("kind", "value"), VALUES)
def test_a_value_of_every_type_lives(server: HttpServer, environment: Environment, kind: str, value: object) -> None:
    key = KvKey(NS, "key")
    server.create_flow(FlowKey(NS, "f"), source("f"))
    assert server.read_value(key) is None
    assert server.put_value(key, kind, value, "PT1H", "says\nwhat it ïs").digest == kv_digest(kind, value)
    assert server.read_value(key) == (kind, value)
    live = server.read_state(environment).kv[key]
    assert (live.type, live.digest) == (kind, kv_digest(kind, value))
    assert live.expires is not None
    assert timedelta(minutes=55) < live.expires - datetime.now(UTC) < timedelta(minutes=65)
    assert server.delete_value(key) is True
    assert server.delete_value(key) is False


def test_the_state_has_everything_in_the_environments_namespaces_and_nothing_else(
    server: HttpServer, environment: Environment
) -> None:
    for namespace in (NS, "dev.team", "devil", "other"):
        text = source("f").replace(f"namespace: {NS}", f"namespace: {namespace}")
        server.create_flow(FlowKey(namespace, "f"), text)
        server.put_file(FileKey(namespace, "/x.txt"), namespace.encode())
        server.put_value(KvKey(namespace, "k"), "STRING", namespace)
    live = server.read_state(environment)
    assert set(live.flows) == {FlowKey(NS, "f"), FlowKey("dev.team", "f")}
    assert set(live.files) == {FileKey(NS, "/x.txt"), FileKey("dev.team", "/x.txt")}
    assert set(live.kv) == {KvKey(NS, "k"), KvKey("dev.team", "k")}
    assert live.flows[FlowKey(NS, "f")].digest == text_digest(source("f"))
    assert live.files[FileKey(NS, "/x.txt")].digest == bytes_digest(b"dev")
    assert live.files[FileKey(NS, "/x.txt")].size == 3
    assert (live.ledger, live.lock, live.ledger_problem) == (None, None, None)
    assert server.read_sources(list(live.flows))[FlowKey(NS, "f")] == source("f")
    assert live.server.id == server.identity.id


def test_flows_whose_names_collide_in_an_export_are_told_apart(server: HttpServer, environment: Environment) -> None:
    keys = [FlowKey("dev.a-b", "c"), FlowKey("dev.a", "b-c")]
    for key in keys:
        text = source(key.id).replace(f"namespace: {NS}", f"namespace: {key.namespace}")
        server.create_flow(key, text)
    live = server.read_state(environment)
    assert {key: live.flows[key].digest for key in keys} == {
        key: text_digest(source(key.id).replace(f"namespace: {NS}", f"namespace: {key.namespace}")) for key in keys
    }


def test_a_disabled_flow_and_its_triggers_are_seen(server: HttpServer, environment: Environment) -> None:
    text = source("f").rstrip() + (
        "\ndisabled: true\ntriggers:\n  - id: daily\n    type: io.kestra.plugin.core.trigger.Schedule\n"
        '    cron: "0 6 * * *"\n'
    )
    server.create_flow(FlowKey(NS, "f"), text)
    live = server.read_state(environment)
    assert live.flows[FlowKey(NS, "f")].disabled is True
    assert [(trigger.flow, trigger.trigger_id) for trigger in live.triggers] == [(FlowKey(NS, "f"), "daily")]


def test_a_verdict_stands_at_its_flow(server: HttpServer) -> None:
    good, bad, cut = source("good"), "id: bad\nnamespace: dev\n", source("cut").replace("hello", "|\n---\n")
    found = server.validate([(FlowKey(NS, "good"), good), (FlowKey(NS, "bad"), bad), (FlowKey(NS, "cut"), cut)])
    assert [verdict.key.id for verdict in found] == ["good", "bad", "cut"]
    assert found[0].constraints == ()
    assert "tasks" in found[1].constraints[0]
    assert found[2].constraints == ()
    assert "cannot check" in found[2].infos[0]


def ledger(serial: int = 1, **entries: str) -> Ledger:
    return Ledger(
        "lineage",
        serial,
        "00ff",
        {FlowKey(NS, name): LedgerEntry(digest, 1, "abc", NOW, "ann@desk") for name, digest in entries.items()},
        git_commit="abc",
    )


def lock(id_: str = "one") -> Lock:
    intents = (Intent(FlowKey(NS, "f"), "d1"), Intent(KvKey(NS, "k"), None))
    return Lock(id_, "ann", "desk", NOW, NOW + timedelta(minutes=2), "plan-1", intents, process="boot/ns/1/2")


def test_ledger_lock_and_history_come_back_and_stay_out_of_listings(
    server: HttpServer, environment: Environment
) -> None:
    assert server.read_ledger(NS) is None
    assert server.read_lock(NS) is None
    server.write_ledger(NS, ledger(a="d1"))
    server.write_ledger(NS, ledger(2, a="d1", b="d2"))
    server.write_lock(NS, lock())
    change = HistoryChange(FlowKey(NS, "a"), Action.CREATE, None, "d1", None, 1)
    server.write_history(NS, HistoryEntry(2, "plan-1", "abc", "ann@desk", NOW, (change,)))
    live = server.read_state(environment)
    assert live.ledger == ledger(2, a="d1", b="d2") == server.read_ledger(NS)
    assert live.lock == lock() == server.read_lock(NS)
    assert live.kv == {}
    assert [entry.changes for entry in server.read_history(NS)] == [(change,)]


def test_a_lock_is_written_only_over_the_one_that_was_read(way: tuple[Running, bool], environment: Environment) -> None:
    running_, plain = way
    one, two = (running_.connect(environment, plain=plain) for _ in range(2))
    assert one.read_lock(NS) is None and two.read_lock(NS) is None
    assert one.swap_lock(NS, lock("one")) is True
    assert two.swap_lock(NS, lock("two")) is False
    found = two.read_lock(NS)
    assert found is not None and found.id == "one"
    assert two.swap_lock(NS, lock("two")) is True
    one.close()
    two.close()


def test_history_keeps_the_last_twenty(server: HttpServer, environment: Environment) -> None:
    for serial in range(1, 24):
        server.write_history(NS, HistoryEntry(serial, "p", None, "ann@desk", NOW, ()))
    server.write_ledger(NS, ledger(23))
    assert [entry.serial for entry in server.read_history(NS)] == list(range(23, 3, -1))
    assert server.read_value(KvKey(NS, "flowctl.history.3")) is None
