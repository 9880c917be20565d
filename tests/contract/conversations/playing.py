"""Playing the recorded conversations with a server in process, and comparing the answers.

Of an answer status, content type and the shape of the body are kept: every value is reduced to its type unless it is
part of the contract. The server may say more than the recording, never less.
"""

from __future__ import annotations

import io
import json
import re
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import httpx

from tests.contract.conversations.steps import Step, flow, packed
from tests.engine.api.server import Server

KEPT = frozenset(
    (
        "id",
        "namespace",
        "flowId",
        "revision",
        "disabled",
        "deleted",
        "total",
        "current",
        "state",
        "key",
        "value",
        "type",
        "status",
        "source",
        "index",
        "flow",
        "outdated",
        "taskId",
        "level",
        "uid",
        "kind",
        "name",
        "triggerId",
        "size",
        "valid",
        "count",
        "code",
        "format",
        "isOverridable",
    )
)
LISTS_WITHOUT_ORDER = ("edges", "nodes", "clusters", None)
MOST_ITEMS = 30
_IDENT = re.compile(r"(?<![0-9A-Za-z.])(?=[0-9A-Za-z]*[0-9])[0-9A-Za-z]{19,22}(?![0-9A-Za-z.])")


@dataclass(frozen=True)
class Answer:
    """What is kept of an answer."""

    status: int
    type: str
    body: Any
    says_why: bool


@dataclass(frozen=True)
class Difference:
    """An answer that is not as recorded."""

    place: str
    recorded: str
    answered: str


def play(server: Server, namespace: str, steps: Iterator[Step]) -> list[Answer]:
    """The answers to all steps that are in the recordings."""
    answers = []
    for step in steps:
        response = _ask(server, namespace, step)
        if not step.quiet:
            answers.append(_answer(response, namespace, step))
    return answers


def _ask(server: Server, namespace: str, step: Step) -> httpx.Response:
    options = dict(step.options)
    for name in ("content",):
        if name in options:
            options[name] = options[name].replace("{ns}", namespace)
    if "zip" in options:
        files = {name: text.replace("{ns}", namespace) for name, text in options.pop("zip").items()}
        options["files"] = {"fileUpload": ("x.zip", packed(files), "application/zip")}
    if "upload" in options:
        field, name, data = options.pop("upload")
        content = data.replace("{ns}", namespace).encode() if isinstance(data, str) else data
        options["files"] = {field: (name, content)}
    root = step.look in ("names", "challenge")
    token = {"token": None} if step.look == "challenge" else {}
    return server.ask(step.method, step.path.replace("{ns}", namespace), root=root, **token, **options)


def _answer(response: httpx.Response, namespace: str, step: Step) -> Answer:
    kind = response.headers.get("content-type", "").partition(";")[0]
    body = _json(response)
    why = response.status_code in (401, 405) or (isinstance(body, dict) and "message" in body)
    if step.look == "challenge":
        return Answer(response.status_code, kind, response.headers.get("www-authenticate"), why)
    if step.look == "names":
        shown: Any = (
            dict.fromkeys(sorted(body), "") if isinstance(body, dict) else f"list of {min(len(body or ()), 1)}+"
        )
        return Answer(response.status_code, kind, shown, why)
    if step.look == "size":
        return Answer(response.status_code, "", len(response.content), why)
    if step.look == "zip":
        return Answer(0, "", _zip(response.content, namespace), why)
    if body is _NONE:
        return Answer(response.status_code, kind, "<bytes>" if response.content else "<empty>", why)
    return Answer(response.status_code, kind, shape(body, namespace), why)


_NONE: Any = object()


def _json(response: httpx.Response) -> Any:
    try:
        return response.json()
    except ValueError:
        return _NONE


def _zip(data: bytes, namespace: str) -> dict[str, bool]:
    texts = [(flow(f"f{number}") + f"# kept comment {number}\n").replace("{ns}", namespace) for number in range(3)]
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        names = sorted(archive.namelist())
        return {name.replace(namespace, "<ns>"): archive.read(name).decode() in texts for name in names}


def shape(value: Any, namespace: str, key: str | None = None) -> Any:
    """A body with values reduced to their types, except those of the contract."""
    if isinstance(value, dict):
        return {_plain(name, namespace): shape(member, namespace, name) for name, member in sorted(value.items())}
    if isinstance(value, list):
        items = [shape(item, namespace, key) for item in value[:MOST_ITEMS]]
        items += [f"... {len(value)}"] if len(value) > MOST_ITEMS else []
        return sorted(items, key=json.dumps) if key in LISTS_WITHOUT_ORDER else items
    if value is None or isinstance(value, bool):
        return value
    if key in KEPT:
        return _plain(value, namespace) if isinstance(value, str) else value
    return type(value).__name__


def _plain(text: str, namespace: str) -> str:
    return _IDENT.sub("<id>", text.replace(namespace, "<ns>"))


def differences(name: str, recorded: list[dict[str, Any]], answers: list[Answer]) -> list[Difference]:
    """Every step whose answer is not as recorded."""
    assert len(recorded) == len(answers), name
    return [
        Difference(f"{name} {index}: {old['request']}", f"{old['status']} {old['body']}", f"{new.status} {new.body}")
        for index, (old, new) in enumerate(zip(recorded, answers, strict=True))
        if not _agrees(old, new)
    ]


def _agrees(old: dict[str, Any], new: Answer) -> bool:
    if new.status not in _allowed(old):
        return False
    if new.status >= 400:
        return new.says_why or old["body"] is None
    return bool(old["type"] == new.type and _covers(old["body"], new.body))


def _allowed(old: dict[str, Any]) -> set[int]:
    """The recorded status. The 2.0 release says 409 for a duplicate, and guards `configs`."""
    seen = {old["status"]}
    if old["request"] == "GET /api/v1/configs" and old["note"] == "no credentials":
        seen.add(401)
    return seen | {409} if 422 in seen and old["note"] == "" else seen


def _covers(old: Any, new: Any) -> bool:
    if old == "<varies>":
        return True
    if isinstance(old, dict):
        return isinstance(new, dict) and all(key in new and _covers(old[key], new[key]) for key in old)
    if isinstance(old, list):
        same = isinstance(new, list) and len(old) == len(new)
        return same and all(_covers(one, other) for one, other in zip(old, new, strict=True))
    return bool(old == new)
