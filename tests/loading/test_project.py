"""Files to a project: namespaces, layers, namespace files, key-values, references."""

from __future__ import annotations

from pathlib import Path

import pytest

from flowctl.errors import ProjectError
from flowctl.flowtext.digests import bytes_digest, kv_digest, text_digest
from flowctl.loading.workspace import Workspace
from flowctl.model.keys import FileKey, FlowKey, KvKey
from flowctl.model.project import FlowReference
from tests.loading.conftest import TASKS, Load, put


def test_a_flow_gets_the_namespace_of_its_directory(workspace: Workspace, load: Load) -> None:
    put(workspace.root, {"flows/dev/team/sub/x.yml": "# c\nid: x # id\n" + TASKS})
    put(workspace.root, {"flows/dev/team/y.yaml": "id: y\nnamespace: dev.team\n" + TASKS})
    flows = load().flows
    assert list(flows) == [FlowKey("dev", "hello"), FlowKey("dev.team", "y"), FlowKey("dev.team.sub", "x")]
    x = flows[FlowKey("dev.team.sub", "x")]
    assert x.source == "# c\nid: x # id\nnamespace: dev.team.sub\n" + TASKS
    assert (x.digest, x.path) == (text_digest(x.source), "flows/dev/team/sub/x.yml")
    y = flows[FlowKey("dev.team", "y")]
    assert y.source == "id: y\nnamespace: dev.team\n" + TASKS


def test_the_bytes_of_a_flow_are_kept(workspace: Workspace, load: Load) -> None:
    source = "\ufeffid: w\r\nnamespace: dev\r\ndescription: 'ä😀'  # ünïcode\r\n" + TASKS.replace("\n", "\r\n")
    put(workspace.root, {"flows/dev/w.yaml": source})
    flow = load().flows[FlowKey("dev", "w")]
    assert flow.source == source
    assert flow.digest == bytes_digest(source.encode())


def test_hidden_and_underscored_names_and_other_suffixes_are_no_flows(workspace: Workspace, load: Load) -> None:
    names = ["_x.yaml", ".x.yaml", "_drafts/x.yaml", ".git/x.yaml", "x.txt", "x.json", "README.md"]
    put(workspace.root, {f"flows/dev/{name}": "not: a flow\n" for name in names})
    assert list(load().flows) == [FlowKey("dev", "hello")]


def test_an_environment_without_flows_is_no_error(workspace: Workspace, load: Load) -> None:
    (workspace.root / "flows/dev/hello.yaml").unlink()
    project = load()
    assert (project.flows, project.files, project.kv, project.diagnostics) == ({}, {}, {}, ())


def test_a_later_layer_wins_whole_for_flows_and_by_entry_for_files_and_key_values(
    workspace: Workspace, load: Load
) -> None:
    put(
        workspace.root,
        {
            "environments/prod.yaml": "server: bundled\nflows: [flows/common, flows/prod]\n",
            "flows/common/a.yaml": "id: a\ndescription: common\n" + TASKS,
            "flows/common/b.yaml": "id: b\n" + TASKS,
            "flows/prod/renamed.yaml": "id: a\n" + TASKS,
            "flows/common/_kv.yaml": "one: 1\ntwo: 2\n",
            "flows/prod/_kv.yaml": "two: zwei\nthree: 3\n",
            "flows/common/_files/x.txt": "common",
            "flows/common/_files/y.txt": "common",
            "flows/prod/_files/x.txt": "prod",
        },
    )
    project = load("prod")
    assert {str(flow.key): flow.path for flow in project.flows.values()} == {
        "prod/a": "flows/prod/renamed.yaml",
        "prod/b": "flows/common/b.yaml",
    }
    assert {key.key: (pair.value, pair.type) for key, pair in project.kv.items()} == {
        "one": (1, "NUMBER"),
        "three": (3, "NUMBER"),
        "two": ("zwei", "STRING"),
    }
    assert project.files[FileKey("prod", "/x.txt")].digest == bytes_digest(b"prod")
    assert project.files[FileKey("prod", "/y.txt")].digest == bytes_digest(b"common")


def test_namespace_files_hold_any_bytes_under_any_name(workspace: Workspace, load: Load) -> None:
    data = bytes(range(256))
    names = ["a.bin", "sub/dir/b.yaml", ".hidden", "_private/ü ö.txt", "no-suffix"]
    put(workspace.root, {f"flows/dev/t/_files/{name}": data for name in names} | {"flows/dev/_files/empty": b""})
    files = load().files
    assert {key.path for key in files if key.namespace == "dev.t"} == {f"/{name}" for name in names}
    found = files[FileKey("dev.t", "/sub/dir/b.yaml")]
    assert (found.digest, found.size) == (bytes_digest(data), 256)
    assert Path(found.path).read_bytes() == data
    assert files[FileKey("dev", "/empty")].size == 0


def test_a_link_inside_the_workspace_is_followed(workspace: Workspace, load: Load) -> None:
    put(workspace.root, {"shared/s.yaml": "id: s\n" + TASKS, "shared/data.csv": "1"})
    (workspace.root / "flows/dev/s.yaml").symlink_to("../../shared/s.yaml")
    (workspace.root / "flows/dev/team").symlink_to("../../shared", target_is_directory=True)
    assert {str(key) for key in load().flows} == {"dev/hello", "dev/s", "dev.team/s"}


def test_key_values_have_types_digests_and_members(workspace: Workspace, load: Load) -> None:
    text = """\
text: EUR
number: 1.0
flag: true
day: 2024-02-29
list: {type: JSON, value: [1, {a: null}]}
nothing: {type: JSON, value: null}
when: {type: DATETIME, value: 2024-02-29T10:30:00.123456789+02:00}
long: {type: DURATION, value: P1DT2H}
date: {type: DATE, value: 2024-02-29}
cache: {value: x, ttl: PT12H, description: short-lived}
"""
    put(workspace.root, {"flows/dev/_kv.yaml": text})
    for _ in range(2):  # learned, then remembered
        pairs = {key.key: pair for key, pair in load().kv.items()}
        assert {name: pair.type for name, pair in pairs.items()} == {
            "text": "STRING",
            "number": "NUMBER",
            "flag": "BOOLEAN",
            "day": "STRING",
            "list": "JSON",
            "nothing": "JSON",
            "when": "DATETIME",
            "long": "DURATION",
            "date": "DATE",
            "cache": "STRING",
        }
        assert pairs["number"].digest == kv_digest("NUMBER", 1)
        assert pairs["list"].value == [1, {"a": None}]
        assert (pairs["cache"].ttl, pairs["cache"].description) == ("PT12H", "short-lived")


def test_the_value_of_a_variable_is_nowhere_but_in_the_digest(workspace: Workspace, load: Load) -> None:
    put(workspace.root, {"flows/dev/_kv.yaml": "a: !env KEY\nb: {type: NUMBER, value: !env KEY}\n"})
    for _ in range(2):
        project = load(KEY="42424242")
        a, b = project.kv[KvKey("dev", "a")], project.kv[KvKey("dev", "b")]
        assert (a.type, a.value, a.env, a.digest) == ("STRING", None, "KEY", kv_digest("STRING", "42424242"))
        assert (b.type, b.value, b.env, b.digest) == ("NUMBER", None, "KEY", kv_digest("NUMBER", 42424242))
        assert "42424242" not in repr(project)
    for file in workspace.state_dir.rglob("*"):
        assert file.is_dir() or b"42424242" not in file.read_bytes()


def test_a_variable_that_is_not_set_is_a_warning_every_time(workspace: Workspace, load: Load) -> None:
    put(workspace.root, {"flows/dev/_kv.yaml": "x: 1\na: !env KEY\n"})
    for _ in range(2):
        project = load()
        (warning,) = project.diagnostics
        assert (warning.code, warning.severity, warning.line, warning.column) == ("F430", "warning", 2, 1)
        assert project.kv[KvKey("dev", "a")].digest is None


def test_references_are_found_with_the_inserted_namespace(workspace: Workspace, load: Load) -> None:
    text = "id: p\ntasks:\n  - {id: c, type: io.kestra.plugin.core.flow.Subflow, namespace: dev, flowId: hello}\n"
    put(workspace.root, {"flows/dev/p.yaml": text})
    for _ in range(2):
        assert load().flows[FlowKey("dev", "p")].references == (FlowReference("subflow", "dev", "hello", "tasks[c]"),)


def test_the_same_file_can_stand_in_every_environment(workspace: Workspace, load: Load) -> None:
    put(workspace.root, {"environments/prod.yaml": "server: bundled\n", "flows/prod/hello.yaml": "id: hello\n" + TASKS})
    dev, prod = load("dev").flows[FlowKey("dev", "hello")], load("prod").flows[FlowKey("prod", "hello")]
    assert dev.source.replace("namespace: dev", "namespace: prod") == prod.source
    assert dev.digest != prod.digest


def test_warnings_do_not_stop_and_are_remembered(workspace: Workspace, load: Load) -> None:
    put(workspace.root, {"flows/dev/y.yaml": "id: y\ndisabled: yes\n" + TASKS})
    first, second = load(), load()
    assert [(p.code, p.path, p.line, p.column) for p in first.diagnostics] == [("F231", "flows/dev/y.yaml", 2, 11)]
    assert second.diagnostics == first.diagnostics


def test_an_unsound_project_contacts_nobody_and_reports_everything_in_order(workspace: Workspace, load: Load) -> None:
    put(workspace.root, {f"flows/dev/bad{i}.yaml": "id: a b\n" for i in range(20)})
    with pytest.raises(ProjectError) as caught:
        load()
    found = [(problem.path, problem.line, problem.column) for problem in caught.value.diagnostics]
    assert found == sorted(found)
    assert len({path for path, _, _ in found}) == 20
