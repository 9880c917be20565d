"""The recorded conversations as data: what was asked, in the order of the recordings.

A step is a request; steps that only prepare (`quiet`) are in no recording. `{ns}` stands for the conversation's own
namespace.
"""

from __future__ import annotations

import io
import json
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

YAML = {"Content-Type": "application/x-yaml"}
JSON = {"Content-Type": "application/json"}
TEXT = {"Content-Type": "text/plain"}
LOG = "io.kestra.plugin.core.log.Log"


@dataclass(frozen=True)
class Step:
    """One request. `look` says what is kept of the answer: its body, its size, a ZIP's names, its top-level names,
    or the challenge of an answer to nobody."""

    method: str
    path: str
    options: dict[str, Any] = field(default_factory=dict)
    quiet: bool = False
    look: str = "body"


def flow(id_: str = "f", extra: str = "", message: str = "hello") -> str:
    """The flow that all conversations use."""
    return f"id: {id_}\nnamespace: {{ns}}\n{extra}tasks:\n  - id: log\n    type: {LOG}\n    message: {message}\n"


def yaml(method: str, path: str, text: str, **more: Any) -> Step:
    """A request with a flow."""
    return Step(method, path, {"content": text, "headers": YAML}, **more)


def save(text: str, quiet: bool = True) -> Step:
    """Create a flow."""
    return yaml("POST", "/flows", text, quiet=quiet)


def get(path: str) -> Step:
    """A read."""
    return Step("GET", path)


def by_ids(method: str, path: str, id_: str) -> Step:
    """A request over one flow by its id."""
    return Step(method, path, {"content": json.dumps([{"id": id_, "namespace": "{ns}"}]), "headers": JSON})


def flow_life() -> Iterator[Step]:
    source, own = flow(), "/flows/{ns}/f"
    yield save(source, quiet=False)
    yield save(source, quiet=False)
    yield get(own)
    yield get(f"{own}?source=true")
    for text in (source, source + "# note\n", flow(message="bye"), source):
        yield yaml("PUT", own, text)
    for query in ("?revision=2&source=true", "?revision=99", "/revisions"):
        yield get(own + query)
    yield get("/flows/{ns}")
    yield Step("DELETE", own)
    yield Step("DELETE", own)
    for query in ("", "?allowDeleted=true", "/revisions"):
        yield get(own + query)
    yield save(source, quiet=False)
    yield get(f"{own}/revisions")


def flow_errors() -> Iterator[Step]:
    task = f"tasks:\n  - id: l\n    type: {LOG}\n    message: x\n"
    for text in (
        "id: [",
        "",
        "id: a\nnamespace: {ns}\n",
        "namespace: {ns}\n" + task,
        "id: a\nnamespace: {ns}\ntasks:\n  - id: l\n    type: no.such.Type\n",
        flow("unk", "nonsense: 1\n"),
        flow("bad id!"),
        flow("dup") + f"  - id: log\n    type: {LOG}\n    message: y\n",
        flow("dk", "description: a\ndescription: b\n"),
    ):
        yield save(text, quiet=False)
    yield Step("POST", "/flows", {"content": flow("ct"), "headers": TEXT})
    yield Step("POST", "/flows", {"content": flow("ct2"), "headers": {"Content-Type": "application/yaml"}})
    yield save(flow("upd"))
    yield yaml("PUT", "/flows/{ns}/upd", flow("other"))
    yield yaml("PUT", "/flows/{ns}/nope", flow("nope"))
    yield get("/flows/{ns}/nope")
    yield get("/no/such/route")
    yield Step("PATCH", "/flows/{ns}/upd")


def flow_validate() -> Iterator[Step]:
    subflow = "tasks:\n  - id: s\n    type: io.kestra.plugin.core.flow.Subflow\n    namespace: {ns}\n    flowId: nope\n"
    cron = "triggers:\n  - id: s\n    type: io.kestra.plugin.core.trigger.Schedule\n    cron: 'x y z'\n"
    for text in (
        flow(),
        "id: a\nnamespace: {ns}\n",
        "id: a\nnamespace: {ns}\ntasks:\n  - id: l\n    type: no.such.Type\n",
        "id: [",
        "",
        flow("a") + "---\nid: b\nnamespace: {ns}\n",
        "id: a\nnamespace: {ns}\n" + subflow,
        flow("a", cron),
        flow("a", message="'{{ inputs. }}'"),
        flow("a", message="\"{{ 'a' | nosuch }}\""),
    ):
        yield yaml("POST", "/flows/validate", text)
    yield save(flow("there"))
    yield yaml("POST", "/flows/validate", flow("there"))
    yield yaml("POST", "/flows/validate", flow("there", "revision: 1\n"))
    yield yaml("POST", "/flows/validate/task?section=tasks", f"id: l\ntype: {LOG}\nmessage: x\n")


def flow_search() -> Iterator[Step]:
    for number in range(7):
        colour = "red" if number % 2 else "blue"
        yield save(flow(f"f{number}", f"labels:\n  team: {colour}\n", message=f"needle{number}"))
    here = "/flows/search?filters[namespace][EQUALS]={ns}"
    for query in (
        f"{here}&size=3&page=1&sort=id:asc",
        f"{here}&size=3&page=3&sort=id:asc",
        f"{here}&size=3&page=9&sort=id:asc",
        "/flows/search?namespace={ns}&size=2&sort=id:desc",
        f"{here}&filters[labels][EQUALS][team]=red&size=10&sort=id:asc",
        f"{here}&filters[q][EQUALS]=f3&size=10",
        "/flows/search?filters[namespace][PREFIX]={ns}&size=1&sort=id:asc",
        "/flows/search?filters[namespace][STARTS_WITH]={ns}&size=1&sort=id:asc",
        "/flows/search?filters[nonsense][EQUALS]=1",
        "/flows/search?size=0",
        "/flows/search?page=0",
        "/flows/source?filters[namespace][EQUALS]={ns}&filters[q][EQUALS]=needle3&size=5",
    ):
        yield get(query)


def flow_export() -> Iterator[Step]:
    for number in range(3):
        yield save(flow(f"f{number}") + f"# kept comment {number}\n")
    export = "/flows/export/by-query?filters[namespace][EQUALS]={ns}"
    yield get(export)
    yield Step("GET", export, look="zip")
    yield by_ids("POST", "/flows/export/by-ids", "f1")
    yield Step("POST", "/flows/import", {"zip": {"a.yml": flow("imported1"), "b.yml": flow("f1", message="changed")}})
    two = flow("i2") + "---\n" + flow("i3")
    yield Step("POST", "/flows/import", {"upload": ("fileUpload", "x.yaml", two)})
    yield Step("POST", "/flows/import", {"upload": ("fileUpload", "x.yaml", "id: [")})
    yield get("/flows/{ns}")


def flow_bulk() -> Iterator[Step]:
    yield save(flow("keep"))
    yield save(flow("gone"))
    both = flow("keep", message="v2") + "---\n" + flow("fresh")
    yield yaml("POST", "/flows/bulk?delete=false&namespace={ns}&allowNamespaceChild=false", both)
    yield get("/flows/{ns}")
    yield yaml("POST", "/flows/{ns}?delete=true", flow("keep", message="v3"))
    yield get("/flows/{ns}")
    yield by_ids("POST", "/flows/disable/by-ids", "keep")
    yield get("/flows/{ns}/keep?source=true")
    yield by_ids("DELETE", "/flows/delete/by-ids", "keep")
    yield get("/flows/{ns}/keep")


def key_values() -> Iterator[Step]:
    own = "/namespaces/{ns}/kv"

    def put(key: str, text: str, **headers: str) -> Step:
        return Step("PUT", f"{own}/{key}", {"content": text, "headers": TEXT | headers})

    for key, text in (
        ("s", '"text"'),
        ("n", "12"),
        ("f", "1.5"),
        ("b", "true"),
        ("j", '{"a": [1, 2]}'),
        ("d", "2024-01-02"),
        ("dt", "2024-01-02T03:04:05Z"),
        ("dur", "PT5M"),
        ("bare", "bare words"),
        ("null", "null"),
    ):
        yield put(key, text)
        yield get(f"{own}/{key}")
    yield put("ttl", '"x"', ttl="PT1H")
    yield get(f"{own}/ttl/detail")
    yield get(own)
    yield get("/kv?filters[namespace][EQUALS]={ns}&size=3&sort=key:asc")
    yield get(f"{own}/nope")
    yield put("bad key", '"x"')
    yield put("badttl", '"x"', ttl="xx")
    yield Step("DELETE", f"{own}/s")
    yield Step("DELETE", f"{own}/s")
    yield put("big", json.dumps("x" * 2_000_000))
    yield Step("GET", f"{own}/big", look="size")


def namespace_files() -> Iterator[Step]:
    own = "/namespaces/{ns}/files"

    def upload(path: str, data: bytes) -> Step:
        return Step("POST", f"{own}?path={path}", {"upload": ("fileContent", "x", data)})

    yield upload("/a.txt", b"one")
    yield upload("/dir/b.sql", b"select 1")
    yield upload("/dir/deep/c.bin", bytes(range(256)))
    yield upload("/a.txt", b"two")
    for query in (
        "?path=/a.txt",
        "?path=/nope.txt",
        "/stats?path=/a.txt",
        "/stats?path=/dir",
        "/directory?path=/",
        "/directory?path=/dir",
        "/search?q=b",
    ):
        yield get(own + query)
    yield Step("POST", f"{own}/directory?path=/empty")
    yield Step("PUT", f"{own}?from=/a.txt&to=/moved.txt")
    yield get(f"{own}/directory?path=/")
    yield Step("DELETE", f"{own}?path=/dir")
    yield get(f"{own}/directory?path=/")
    yield Step("DELETE", f"{own}?path=/nope")
    yield upload("/../../etc/x", b"no")
    yield get(f"{own}?path=/../../etc/passwd")
    yield get(f"{own}/export")


def namespaces() -> Iterator[Step]:
    yield save(flow())
    for path in (
        "/namespaces/{ns}",
        "/namespaces/no.such.namespace.here",
        "/namespaces/search?q=no.such.thing.anywhere",
        "/namespaces/{ns}/inherited-secrets",
        "/namespaces/{ns}/dependencies",
        "/flows/{ns}/f/dependencies",
        "/flows/{ns}/f/graph",
        "/flows/{ns}/f/tasks/log",
        "/flows/{ns}/f/tasks/nope",
    ):
        yield get(path)


def instance() -> Iterator[Step]:
    for path in (
        "/api/v1/configs",
        "/api/v1/main/configs",
        "/api/v1/version",
        "/health",
        "/api/v1/plugins",
        "/api/v1/plugins/schemas/flow",
        f"/api/v1/plugins/{LOG}",
        "/api/v1/plugins/no.such.Type",
        "/api/v1/plugins/inputs",
        "/api/v1/flows/search",
        "/prometheus",
        "/metrics",
    ):
        yield Step("GET", path, look="names")
    for path in ("/api/v1/configs", "/api/v1/main/flows/search", "/api/v1/main/flows/search/configs", "/health"):
        yield Step("GET", path, look="challenge")


CONVERSATIONS = (
    flow_life,
    flow_errors,
    flow_validate,
    flow_search,
    flow_export,
    flow_bulk,
    key_values,
    namespace_files,
    namespaces,
    instance,
)


def packed(files: dict[str, str]) -> bytes:
    """A ZIP."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        for name, text in files.items():
            archive.writestr(name, text)
    return out.getvalue()
