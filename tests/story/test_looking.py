"""doctor, graph and blame through the real program and server."""

from __future__ import annotations

import json
from xml.dom.minidom import parseString

import pytest

from tests.story.project import Project
from tests.story.test_drift import edit

PARENT = """\
id: parent
tasks:
  - id: call
    type: io.kestra.plugin.core.flow.Subflow
    namespace: dev
    flowId: hello
"""


def test_doctor_finds_a_sound_bundled_server(project: Project) -> None:
    project.flowctl("init")
    project.apply()
    rows = json.loads(project.flowctl("doctor", "--json").out)["findings"]
    found = {row["check"]: (row["state"], row["said"]) for row in rows}
    assert found["ledger"] == ("ok", "serial 1, 1 object")
    assert found["clock"] == ("ok", "as ours")
    assert {state for state, _ in found.values()} == {"ok", "not checkable"}
    assert "state, batch" in project.flowctl("doctor").out


@pytest.mark.parametrize("dialect", ["1.3", "2.0"])
def test_doctor_reads_by_the_routes_of_each_generation(project: Project, dialect: str) -> None:
    project.flowctl("init")
    project.write("flowctl.yaml", f'dialect: "{dialect}"\n')
    rows = json.loads(project.flowctl("doctor", "--json").out)["findings"]
    assert {row["state"] for row in rows} == {"ok", "not checkable"}


def test_doctor_says_what_is_missing(project: Project) -> None:
    project.flowctl("init")
    (project.root / "environments/dev.yaml").write_text(
        "server: http://127.0.0.1:9\nflows: flows/dev\nauth:\n  token_env: NO_SUCH_TOKEN\n"
    )
    assert "[S101] the environment variable NO_SUCH_TOKEN is not set" in project.flowctl("doctor", code=1).out
    found = project.flowctl("doctor", "--verbose", code=1, NO_SUCH_TOKEN="sesame")
    assert "failed         connection" in found.out
    assert "GET /api/v1/configs" in found.err and "sesame" not in found.err + found.out


def test_graph_in_three_shapes(project: Project) -> None:
    project.flowctl("init")
    project.write("flows/dev/parent.yaml", PARENT)
    project.write("flows/dev/alone.yaml", PARENT.replace("id: parent", "id: alone").replace("hello", "parent"))
    assert "  calls dev/hello at tasks[call]\n" in project.flowctl("graph").out
    near = project.flowctl("graph", "dev", "dev/hello", "--format", "mermaid").out
    assert near.count("-->") == 2
    assert len(parseString(project.flowctl("graph", "--format", "svg").out).getElementsByTagName("rect")) == 3
    drawn = json.loads(project.flowctl("graph", "dev", "dev/parent", "--json").out)
    assert [(one["flow"], one["level"]) for one in drawn["flows"]] == [
        ("dev/alone", 0),
        ("dev/hello", 2),
        ("dev/parent", 1),
    ]
    edge = {"source": "dev/alone", "target": "dev/parent", "relation": "subflow", "place": "tasks[call]"}
    assert drawn["edges"][0] == edge
    assert "C161" in project.flowctl("graph", "dev", "dev/nobody", code=1).err


def test_blame_names_the_apply_and_the_edit(project: Project) -> None:
    project.flowctl("init")
    project.apply()
    edit(project, "dev/hello", "    defaults: World", "    defaults: Mars")
    lines = project.flowctl("blame", "dev/hello").out.splitlines()
    (edited,) = [line for line in lines if "defaults: Mars" in line]
    assert edited.startswith("r2 ") and "edited on the server" in edited
    assert any(line.startswith("r1 serial 1 ") and line.endswith("| id: hello") for line in lines)
    rows = json.loads(project.flowctl("blame", "dev/hello", "--json").out)["lines"]
    assert [row["line"] for row in rows] == list(range(1, len(lines) + 1))
    assert [(r["revision"], r["what"]) for r in rows if "Mars" in r["text"]] == [(2, "edited on the server")]
    assert {row["serial"] for row in rows if row["revision"] == 1} == {1}
    assert "C119" in project.flowctl("blame", "dev/nobody", "-e", "dev", code=1).err
