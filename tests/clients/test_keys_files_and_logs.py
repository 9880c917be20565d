"""kestrapy's KVApi, FilesApi, NamespacesApi and LogsApi against the bundled server: the less common calls."""

from __future__ import annotations

import io
import zipfile

import httpx
import pytest
from kestrapy import KestraClient
from kestrapy.exceptions import NotFoundException
from kestrapy.exceptions import UnprocessableEntityException as Unprocessable
from kestrapy.models.api_autocomplete import ApiAutocomplete
from kestrapy.models.api_secret_meta_ee import ApiSecretMetaEE
from kestrapy.models.kv_controller_api_delete_bulk_request import KVControllerApiDeleteBulkRequest

from benchmarks.server import TOKEN
from tests.clients.talking import MAIN, reached, source, where

VALUES = [
    ('"hello"', "STRING", "hello"),
    ("42", "NUMBER", 42),
    ("1.0", "NUMBER", 1.0),
    ("true", "BOOLEAN", True),
    ("2021-09-01", "DATE", "2021-09-01"),
    ("2021-09-01T01:02:03Z", "DATETIME", "2021-09-01T01:02:03Z"),
    ('"PT5S"', "DURATION", "PT5S"),
    ("null", "STRING", None),
    ("bare words", "STRING", "bare"),
    ('{"a": [1]}', "JSON", {"a": [1]}),
    ("[1, 2]", "JSON", [1, 2]),
]


@pytest.mark.parametrize(("text", "kind", "value"), VALUES)
def test_a_text_becomes_a_value_of_its_type(client: KestraClient, text: str, kind: str, value: object) -> None:
    client.kv.set_key_value("kv.types", "key", MAIN, text)
    found = client.kv.key_value("kv.types", "key", MAIN)
    assert (found.type.value, found.value) == (kind, value)


def test_keys_in_pages_and_orders_with_their_end(client: KestraClient) -> None:
    kv, ours = client.kv, where("namespace", "kv.pages")
    for key in ("a", "b", "c"):
        kv.set_key_value("kv.pages", key, MAIN, "1")
    sent = httpx.put(
        f"{client._base_url}/api/v1/main/namespaces/kv.pages/kv/d",
        content="1",
        headers={"Authorization": f"Bearer {TOKEN}", "ttl": "PT1H", "description": "an hour"},
    )
    assert sent.status_code == 200
    for sort in ("key:desc", "namespace:asc", "updated:desc", "creationDate:asc", "expirationDate:asc"):
        page = kv.list_all_keys(MAIN, page=2, size=3, sort=[sort], filters=ours)
        assert (len(page.results), page.total) == (1, 4)
    (last,) = kv.list_all_keys(MAIN, filters=ours + where("q", "d")).results
    assert (last.description, last.expiration_date > last.update_date) == ("an hour", True)
    ended = where("expirationDate", "2101-01-01T00:00:00Z", "LESS_THAN")
    assert [entry.key for entry in kv.list_all_keys(MAIN, filters=ours + ended).results] == ["d"]
    deleted = kv.delete_key_values("kv.pages", MAIN, KVControllerApiDeleteBulkRequest(keys=["a", "nope"]))
    assert deleted.keys == ["a"]


@pytest.mark.parametrize("verb", ["set", "get", "delete"])
def test_a_key_that_cannot_be_is_refused(client: KestraClient, verb: str) -> None:
    with pytest.raises(Unprocessable):
        if verb == "set":
            client.kv.set_key_value("kv.a", "_x", MAIN, "1")
        elif verb == "get":
            client.kv.key_value("kv.a", "_x", MAIN)
        else:
            client.kv.delete_key_value("kv.a", "_x", MAIN)


def test_a_zip_is_unpacked_and_a_directory_moves(client: KestraClient) -> None:
    files, packed = client.files, io.BytesIO()
    assert files.list_namespace_directory_files("files.zip", MAIN) == []
    assert files.file_metadatas("files.zip", MAIN).type.value == "Directory"
    with zipfile.ZipFile(packed, "w") as archive:
        archive.writestr("dir/one.txt", "one")
        archive.writestr("two.py", "two")
    files.create_namespace_file("files.zip", "/all.zip", MAIN, packed.getvalue())
    assert files.search_namespace_files("files.zip", "", MAIN) == ["/dir/one.txt", "/two.py"]
    assert files.search_namespace_files("files.zip", ".py", MAIN) == ["/two.py"]
    files.move_file_directory("files.zip", "/dir", "/other/deep", MAIN)
    assert files.file_content("files.zip", "/other/deep/one.txt", MAIN) == b"one"
    files.create_namespace_file("files.zip", "/two.py", MAIN, b"again")
    assert [item.revision for item in files.file_revisions("files.zip", MAIN, "/two.py")] == [1, 2]
    files.delete_file_directory("files.zip", "/other", MAIN)
    files.delete_file_directory("files.zip", "/other", MAIN)
    assert [item.file_name for item in files.list_namespace_directory_files("files.zip", MAIN)] == ["two.py"]
    for ask in (
        lambda: files.file_revisions("files.zip", MAIN, "/nope"),
        lambda: files.list_namespace_directory_files("files.zip", MAIN, "/nope"),
        lambda: files.file_metadatas("files.zip", MAIN, "/nope"),
        lambda: files.move_file_directory("files.zip", "/nope", "/x", MAIN),
    ):
        with pytest.raises(NotFoundException):
            ask()
    for path in ("/../x", "/_flows/x.yml"):
        with pytest.raises(Unprocessable):
            files.create_namespace_file("files.zip", path, MAIN, b"x")


def test_namespaces_are_found_by_what_they_hold(client: KestraClient) -> None:
    client.flows.create_flow(MAIN, source("n", "spaces.one"))
    namespaces = client.namespaces
    page = namespaces.search_namespaces(MAIN, page=1, size=1, sort=["id:desc"], existing=True)
    assert (len(page.results), page.total >= 3) == (1, True)
    assert [item.id for item in namespaces.search_namespaces(MAIN, filters=where("q", "SPACES.O")).results] == [
        "spaces.one"
    ]
    assert "spaces.one" in namespaces.autocomplete_namespaces(MAIN, ApiAutocomplete(q="SPACES"))
    assert namespaces.inherited_secrets("spaces.one", MAIN)["spaces.one"] == []


def test_secrets_are_put_listed_and_deleted(client: KestraClient) -> None:
    namespaces = client.namespaces
    namespaces.put_secrets("secrets.a", MAIN, {"key": "TOKEN", "value": "v", "description": "about"})
    listed = namespaces.list_secrets(MAIN, page=1, size=10, sort=["key:asc"], filters=where("namespace", "secrets.a"))
    assert [item.key for item in listed.results] == ["TOKEN"]
    assert "TOKEN" in namespaces.inherited_secrets("secrets.a", MAIN)["secrets.a"]
    meta = ApiSecretMetaEE(key="TOKEN", description="renewed monthly", tags=[])
    (found,) = namespaces.patch_secret("secrets.a", "TOKEN", MAIN, meta)
    assert (found.key, found.description) == ("TOKEN", "renewed monthly")
    namespaces.delete_secret("secrets.a", "TOKEN", MAIN)
    assert namespaces.inherited_secrets("secrets.a", MAIN)["secrets.a"] == []


LINES = """  - {id: a, type: io.kestra.plugin.core.log.Log, message: loud, level: ERROR}
  - {id: b, type: io.kestra.plugin.core.log.Log, message: quiet, level: DEBUG}
"""


def test_lines_are_chosen_by_level_task_run_and_attempt(client: KestraClient) -> None:
    client.flows.create_flow(MAIN, source("l", "logs.a", LINES))
    done, logs = client.executions.create_execution(MAIN, "logs.a", "l", wait=True), client.logs
    run = done.task_run_list[0].id
    for chosen in ({"min_level": "ERROR"}, {"task_id": "a"}, {"task_run_id": run}, {"task_run_id": run, "attempt": 0}):
        assert [line.message for line in logs.list_logs_from_execution(done.id, MAIN, **chosen)] == ["loud"]
        assert logs.download_logs_from_execution(done.id, MAIN, **chosen).endswith(" ERROR loud\n")
    assert logs.list_logs_from_execution(done.id, MAIN, task_run_id=run, attempt=7) == []
    followed = [line.message for line in logs.follow_logs_from_execution(done.id, MAIN, min_level="ERROR")]
    assert [message for message in followed if message] == ["loud"]
    logs.delete_logs_from_execution(done.id, MAIN, min_level="INFO", task_id="a")
    assert "loud" not in logs.download_logs_from_execution(done.id, MAIN)
    assert "quiet" in logs.download_logs_from_execution(done.id, MAIN)


def test_lines_of_a_flow_are_deleted_by_trigger(client: KestraClient) -> None:
    client.flows.create_flow(MAIN, source("d", "logs.b"))
    done, logs = client.executions.create_execution(MAIN, "logs.b", "d", wait=True), client.logs
    logs.delete_logs_from_flow("logs.b", "d", "nope", MAIN)
    assert logs.list_logs_from_execution(done.id, MAIN)


@pytest.mark.parametrize(
    ("page", "size", "sort"), [(1, 1, "timestamp:asc"), (2, 1, "timestamp:desc"), (1, 2, "level:desc")]
)
def test_lines_in_pages_and_orders(client: KestraClient, page: int, size: int, sort: str) -> None:
    client.flows.update_flows_in_namespace("logs.c", MAIN, source("p", "logs.c", LINES))
    client.executions.create_execution(MAIN, "logs.c", "p", wait=True)
    found = client.logs.search_logs(MAIN, page, size, [sort], where("namespace", "logs.c"))
    assert (len(found.results), found.total >= 3) == (size, True)
    with pytest.raises(Unprocessable):
        client.logs.search_logs(MAIN, sort=["message"])


WAITS = (
    LINES
    + "  - {id: w, type: io.kestra.plugin.core.flow.Pause}\n"
    + LINES.replace("id: a", "id: c").replace("id: b", "id: d")
)


def test_lines_of_a_running_execution_are_followed_to_its_end(client: KestraClient) -> None:
    client.flows.create_flow(MAIN, source("w", "logs.d", WAITS))
    waiting = client.executions.create_execution(MAIN, "logs.d", "w")
    found = []
    for line in client.logs.follow_logs_from_execution(waiting.id, MAIN, min_level="ERROR"):
        if line.message and not found:
            assert reached(client, waiting.id, "PAUSED") == "PAUSED"
            client.executions.resume_execution(waiting.id, MAIN)
        found += [line.task_id] if line.message else []
    assert found == ["a", "c"]
