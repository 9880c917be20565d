"""kestrapy's PluginsApi against the bundled server: the catalogue of types."""

from __future__ import annotations

import pytest
from kestrapy import KestraClient
from kestrapy.exceptions import NotFoundException

LOG = "io.kestra.plugin.core.log.Log"


def test_types_are_listed_by_plugin_and_by_package(client: KestraClient) -> None:
    plugins = client.plugins
    page = plugins.list_plugins(page=1, size=2, sort=["name:asc"])
    assert (len(page["results"]), page["total"] > 2) == (2, True)
    package = next(item for item in plugins.list_plugins_by_subgroups() if item["subGroup"] == LOG.rpartition(".")[0])
    assert (package["group"], LOG in {task["cls"] for task in package["tasks"]}) == ("io.kestra.plugin.core", True)
    assert "io.kestra.plugin.core.trigger.Schedule" in {item["cls"] for item in plugins.plugin_triggers()["results"]}


def test_a_type_is_documented_with_its_versions(client: KestraClient) -> None:
    plugins = client.plugins
    page = plugins.plugin_documentation(LOG, all_properties=True)
    assert "message" in page["schema"]["properties"]
    (version,) = plugins.plugin_versions(LOG)["versions"]
    assert plugins.plugin_documentation_for_version(LOG, version, all_properties=False) == page
    for ask in (
        lambda: plugins.plugin_documentation("no.such.Type"),
        lambda: plugins.plugin_versions("no.such.Type"),
        lambda: plugins.plugin_documentation_for_version(LOG, "0.0.0-other"),
    ):
        with pytest.raises(NotFoundException):
            ask()


def test_types_of_inputs(client: KestraClient) -> None:
    assert "SELECT" in {item["type"] for item in client.plugins.plugin_input_types()}
    page = client.plugins.plugin_input_schema("SELECT")
    assert "values" in page["schema"]["properties"]
    assert "values" in page["markdown"]
    with pytest.raises(NotFoundException):
        client.plugins.plugin_input_schema("NOPE")


@pytest.mark.parametrize(("word", "member"), [("flow", "tasks"), ("task", "timeout"), ("trigger", "id")])
def test_schemas_and_their_properties(client: KestraClient, word: str, member: str) -> None:
    schema = client.plugins.plugin_schema(word, array_of=False, include_catalog=False)
    assert schema["$ref"].removeprefix("#/definitions/") in schema["definitions"]
    assert member in client.plugins.plugin_properties(word)["properties"]
    with pytest.raises(NotFoundException):
        client.plugins.plugin_properties("nope")


def test_there_are_no_icons(client: KestraClient) -> None:
    assert (client.plugins.plugin_icons(), client.plugins.plugin_group_icons()) == ({}, {})
    for ask in (client.plugins.plugin_icon, client.plugins.plugin_icon_svg):
        with pytest.raises(NotFoundException):
            ask(LOG)
