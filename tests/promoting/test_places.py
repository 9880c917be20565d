"""Where promoted flows and files go among the target's files, and which files go at all."""

from __future__ import annotations

from pathlib import Path

import pytest

from flowctl.errors import PlanError
from flowctl.model.environment import Environment
from flowctl.model.keys import FileKey, FlowKey
from flowctl.model.project import Flow, NamespaceFile, Project
from flowctl.model.promotion import PromotedFlow
from flowctl.promoting.carrying import files_along
from flowctl.promoting.destination import Destinations
from flowctl.promoting.differing import Sides
from flowctl.promoting.uses import Uses

ROOT = Path("/project")


def project(name: str, flows: dict[str, str], files: dict[str, str], *layers: str) -> Project:
    """An environment with flows (id to path) and namespace files (path to digest) in its root namespace."""
    places = tuple(ROOT / layer for layer in layers or (f"flows/{name}",))
    environment = Environment(name, ROOT / f"environments/{name}.yaml", "bundled", places, name, (name,))
    held = {FileKey(name, path): digest for path, digest in files.items()}
    return Project(
        environment,
        {FlowKey(name, id_): Flow(FlowKey(name, id_), "text", "d", path) for id_, path in flows.items()},
        {key: NamespaceFile(key, digest, 1, f"/project/flows/{name}/_files{key.path}") for key, digest in held.items()},
    )


def path_of(target: Project, id_: str = "f") -> str:
    source = project("a", {id_: f"flows/a/{id_}.yaml"}, {})
    return Destinations(source, target, ROOT).path(FlowKey("b", id_), source.flows[FlowKey("a", id_)])


def test_a_flow_goes_into_the_file_that_it_has_whatever_that_is_called() -> None:
    assert path_of(project("b", {"f": "flows/b/deep/other-name.yml"}, {})) == "flows/b/deep/other-name.yml"
    assert path_of(project("b", {}, {})) == "flows/b/f.yaml"


def test_a_file_of_a_shared_directory_is_not_written() -> None:
    assert path_of(project("b", {"f": "flows/a/f.yaml"}, {}, "flows/a", "flows/b")) == "flows/b/f.yaml"


def test_a_file_that_holds_another_flow_is_not_written_over() -> None:
    with pytest.raises(PlanError) as error:
        path_of(project("b", {"g": "flows/b/f.yaml"}, {}))
    assert error.value.diagnostics[0].code == "P306"


def test_files_go_along_once_and_only_where_they_differ() -> None:
    source = project("a", {}, {"/new.sql": "1", "/same.sql": "2", "/changed.sql": "3", "/unread.sql": "4"})
    target = project("b", {}, {"/same.sql": "2", "/changed.sql": "0"})
    sides = Sides(source, target, target, ROOT, str, str)
    going = [PromotedFlow(FlowKey("a", id_), FlowKey("b", id_), "new", "", "", "", "") for id_ in ("f", "g")]
    read = Uses(files=frozenset({"/new.sql", "/same.sql", "/changed.sql"}))
    found = files_along(going, {flow.target: read for flow in going}, sides)
    assert [(file.target.path, file.move) for file in found] == [("/changed.sql", "changed"), ("/new.sql", "new")]
    assert {file.needed_by for file in found} == {FlowKey("b", "f")}
