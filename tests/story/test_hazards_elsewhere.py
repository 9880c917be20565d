"""Hazards that something else than a plan's checks meets: each is met, through the real program and server."""

from __future__ import annotations

import json
import os
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from flowctl.engine.api.flows.shapes import body_of
from flowctl.engine.store import Store
from flowctl.engine.store.tables import flows
from flowctl.engine.store.tables.flow_rows import NewFlow
from flowctl.flowtext.digests import text_digest
from flowctl.flowtext.document import parse
from flowctl.loading.configuration.environments import load_environment
from flowctl.loading.workspace import find_workspace
from flowctl.model.ledger import Lock
from flowctl.remote.client import connect
from tests.live.proxy import BreakingProxy
from tests.story.project import Project

FLOW = "id: {id}\ntasks:\n  - id: say\n    type: io.kestra.plugin.core.log.Log\n    message: {message}\n"


def started(project: Project) -> None:
    """A workspace with one flow that is applied."""
    project.flowctl("init")
    project.apply()


def change(project: Project, message: str) -> None:
    """Change the text of the flow in its file."""
    project.write("flows/dev/hello.yaml", FLOW.format(id="hello", message=message))


def on_server(project: Project, flow: str) -> str:
    """A flow's text on the server."""
    return str(json.loads(project.flowctl("show", flow, "--json").out)["source"])


DIALECTS = pytest.mark.parametrize("dialect", ["2.0", "1.3"])


def notes(plan: dict[str, Any], code: str) -> list[str]:
    """What a plan says under a code, of all levels."""
    said = [note for change in plan["changes"] for note in change.get("notes", ())]
    found = [*said, *plan["warnings"], *plan["refusals"]]
    return [f"{one['severity']}: {one['summary']}" for one in found if one["code"] == code]


@DIALECTS
@pytest.mark.parametrize("kind", ["io.kestra.plugin.nowhere.Query", "io.kestra.plugin.core.log.Logg"])
def test_h18_a_type_that_the_server_does_not_have_refuses_the_plan(project: Project, dialect: str, kind: str) -> None:
    project.write("flowctl.yaml", f'dialect: "{dialect}"\n')
    started(project)
    text = FLOW.format(id="hello", message="x")
    project.write("flows/dev/hello.yaml", text.replace("io.kestra.plugin.core.log.Log", kind))
    plan = project.plan(code=1)
    assert notes(plan, "P106") == ["error: the server refuses flow dev/hello"]
    assert kind in plan["refusals"][0]["detail"]
    project.write("flows/dev/hello.yaml", text)
    assert notes(project.plan(), "P106") == []


def test_a_level_of_what_no_plan_decides_has_no_effect_and_is_named(project: Project) -> None:
    started(project)
    environment = (project.root / "environments/dev.yaml").read_text()
    project.write("environments/dev.yaml", environment + 'policy: {hazards: {H18: warn, H36: "off", H42: warn}}\n')
    assert notes(project.plan(), "P126") == [
        "warning: policy.hazards.H18 of dev has no effect: the target server decides",
        "warning: policy.hazards.H36 of dev has no effect: such files do not load",
    ]


@pytest.mark.parametrize(("dialect", "edition", "said"), [("2.0", "OSS", ["H30"]), ("1.3", "EE", ["H40"])])
def test_h30_and_h40_are_not_checkable_where_they_can_occur(
    project: Project, dialect: str, edition: str, said: list[str]
) -> None:
    project.write("flowctl.yaml", f'dialect: "{dialect}"\n')
    started(project)
    server = project.server()
    change(project, "other")
    assert [notes(project.plan(), code) for code in ("H30", "H40")] == [[], []]
    with BreakingProxy(server.url, edition) as proxy:
        environment = f"server: {proxy.url}\nauth: {{token_env: TOKEN}}\nnamespace: dev\nflows: flows/dev\n"
        project.write("environments/there.yaml", environment)
        plan = json.loads(project.flowctl("plan", "there", "--json", TOKEN=server.token).out)
        assert [code for code in ("H30", "H40") if notes(plan, code)] == said
        assert all(note.startswith("info: not checkable") for note in notes(plan, said[0]))
        silent = f'{environment}policy: {{hazards: {{{said[0]}: "off"}}}}\n'
        project.write("environments/there.yaml", silent)
        plan = json.loads(project.flowctl("plan", "there", "--json", TOKEN=server.token).out)
        assert notes(plan, said[0]) == []


def test_h42_a_sync_of_an_owned_namespace_is_named_at_the_level_of_the_environment(project: Project) -> None:
    """The bundled server has no such plugin, so that its own verdict refuses the flow as well."""
    started(project)
    sync = "id: sync\ntasks:\n  - {id: git, type: io.kestra.plugin.git.SyncFlows, targetNamespace: %s}\n"
    project.write("flows/dev/sync.yaml", sync % "dev")
    text = "SyncFlows writes flows of dev, which this environment owns: each undoes the other's work"
    assert notes(project.plan(code=1), "H42") == [f"warning: {text}"]
    project.write("flows/dev/sync.yaml", sync % "elsewhere")
    assert notes(project.plan(code=1), "H42") == []
    environment = (project.root / "environments/dev.yaml").read_text()
    project.write("environments/dev.yaml", environment + "policy: {hazards: {H42: block}}\n")
    project.write("flows/dev/sync.yaml", sync % "dev")
    assert notes(project.plan(code=1), "H42") == [f"error: {text}"]


SYNCS = {
    "deploys": "io.kestra.plugin.git.SyncFlows, targetNamespace: dev",
    "pushes": "io.kestra.plugin.git.PushFlows, sourceNamespace: dev",
    "asleep": "io.kestra.plugin.git.SyncFlows, targetNamespace: dev, disabled: true",
}


def planted(project: Project, texts: dict[str, str]) -> None:
    """Flows of a server that has other plugins than the bundled one, which would not take them: put into its store."""
    project.flowctl("server", "stop")
    store = Store.open(project.root / ".flowctl/server", environ={})
    for id_, source in texts.items():
        body = body_of({"namespace": "dev", **dict(parse(source).value)})  # type: ignore[call-overload]
        new = NewFlow("dev", id_, source, text_digest(source), body)
        store.write(lambda c, new=new: flows.save(c, new, store.now_ms)).result()  # type: ignore[misc]
    store.close()


@DIALECTS
def test_h41_the_flow_that_deploys_is_not_deleted_unless_the_environment_lets_it(
    project: Project, dialect: str
) -> None:
    project.write("flowctl.yaml", f'dialect: "{dialect}"\n')
    started(project)
    head = "id: {}\nnamespace: dev\ntasks:\n  - {{id: git, type: {}}}\n"
    texts = {id_: head.format(id_, type_) for id_, type_ in SYNCS.items()}
    planted(project, texts)
    for id_, text in texts.items():
        project.write(f"flows/dev/{id_}.yaml", text)
    project.apply()
    assert notes(project.plan(), "H41") == []
    for id_ in texts:
        (project.root / f"flows/dev/{id_}.yaml").unlink()
    lavish = ("dev", "--max-deletes=9")
    plan = project.plan(*lavish, code=1)
    assert {one["object"]: one["action"] for one in plan["changes"]} == {f"flow dev/{id_}": "delete" for id_ in texts}
    said = "the flow that goes deploys others itself (SyncFlows)"
    assert notes(plan, "H41") == [f"error: {said}"]
    assert [one["subject"] for one in plan["refusals"] if one["code"] == "H41"] == ["flow dev/deploys"]
    project.apply(*lavish, code=1)
    assert on_server(project, "dev/deploys") == texts["deploys"]
    environment = (project.root / "environments/dev.yaml").read_text()
    project.write("environments/dev.yaml", environment + "policy: {hazards: {H41: warn}}\n")
    assert notes(project.plan(*lavish), "H41") == [f"warning: {said}"]
    project.apply(*lavish)
    rows = json.loads(project.flowctl("status", "--objects", "--json").out)["objects"]
    assert [row["object"] for row in rows] == ["flow dev/hello"]


def test_h19_a_deprecated_type_is_said_by_the_server(project: Project) -> None:
    started(project)
    text = FLOW.format(id="hello", message="x").replace("core.log.Log", "core.log.Echo")
    project.write("flows/dev/hello.yaml", text.replace("core.log.Echo", "core.debug.Echo").replace("message", "format"))
    assert "[P111]" in project.flowctl("plan").out


def test_h20_what_the_server_finds_wrong_with_defaults_and_types_is_in_the_plan(project: Project) -> None:
    started(project)
    defaults = "pluginDefaults:\n  - type: io.kestra.plugin.core.log.Log\n    values: {colour: loud}\n"
    project.write("flows/dev/hello.yaml", FLOW.format(id="hello", message="x") + defaults)
    assert "No property 'colour' exists" in project.flowctl("plan").out
    text = FLOW.format(id="hello", message="loud").replace("core.log.Log", "jdbc.Query")
    project.write("flows/dev/hello.yaml", text)
    refused = project.apply(code=1)
    assert "P106" in refused.out + refused.err
    assert "loud" not in on_server(project, "dev/hello")


def test_h28_a_flow_that_moved_since_the_plan_is_not_overwritten(project: Project) -> None:
    started(project)
    change(project, "planned")
    project.flowctl("plan", "--out", "plan.json")
    edited = on_server(project, "dev/hello").replace("Hello", "Edited")
    project.server().request("PUT", "/flows/dev/hello", edited)
    refused = project.flowctl("apply", "plan.json", "--auto-approve", code=1)
    assert "dev/hello" in refused.err
    assert on_server(project, "dev/hello") == edited


def test_h29_a_second_apply_waits_for_the_first_or_is_refused(project: Project) -> None:
    started(project)
    change(project, "mine")
    hold_lock(project, "ann")
    refused = project.flowctl("apply", "--auto-approve", code=1).err
    assert "A103" in refused and "ann@elsewhere" in refused
    assert "mine" not in on_server(project, "dev/hello")


def test_h31_what_is_not_ours_outlives_writes_of_any_kind(project: Project) -> None:
    started(project)
    server = project.server()
    server.request("POST", "/flows", FLOW.format(id="theirs", message="kept").replace("\n", "\nnamespace: dev\n", 1))
    for options in ((), ("--parallelism", "2")):
        change(project, f"written {len(options)}")
        project.apply(*options)
        assert "kept" in on_server(project, "dev/theirs")
    text = FLOW.format(id="dashes", message='"a --- b"') + "description: |\n  first\n  ---\n  last\n"
    project.write("flows/dev/dashes.yaml", text)
    project.apply("--parallelism", "2")
    assert "first\n  ---\n  last\n" in on_server(project, "dev/dashes")


def test_h35_two_files_with_one_id_do_not_load(project: Project) -> None:
    started(project)
    project.write("flows/dev/again.yaml", FLOW.format(id="hello", message="again"))
    refused = project.flowctl("plan", code=1).err
    assert "F371" in refused
    assert "flows/dev/hello.yaml" in refused and "flows/dev/again.yaml" in refused


def test_h36_a_flow_in_the_wrong_namespace_does_not_load(project: Project) -> None:
    started(project)
    text = FLOW.format(id="hello", message="x").replace("\n", "\nnamespace: prod\n", 1)
    project.write("flows/dev/hello.yaml", text)
    refused = project.flowctl("plan", code=1).err
    assert "F370" in refused and "flows/dev/hello.yaml:2:" in refused


def test_h38_a_plan_goes_to_the_server_and_tenant_it_was_made_for(project: Project) -> None:
    started(project)
    server = project.server()
    environment = f"server: {server.url}\nauth: {{token_env: TOKEN}}\nnamespace: dev\nflows: flows/dev\n"
    project.write("environments/dev.yaml", environment)
    change(project, "planned")
    project.flowctl("plan", "--out", "plan.json", TOKEN=server.token)
    project.write("environments/dev.yaml", f"{environment}tenant: other\n")
    refused = project.flowctl("apply", "plan.json", "--auto-approve", code=1, TOKEN=server.token).err
    assert "tenant" in refused and "other" in refused
    assert "planned" not in server.request("GET", "/flows/dev/hello?source=true")["source"]


def hold_lock(project: Project, owner: str) -> None:
    """Hold the environment's lock as an apply of somebody else would."""
    environment = load_environment(find_workspace(project.root), "dev")
    now, server = datetime.now(UTC), project.server()
    lock = Lock("theirs", owner, "elsewhere", now, now + timedelta(minutes=5), "plan-x")
    connect(environment, os.environ, url=server.url, token=server.token).write_lock(environment.namespace, lock)
