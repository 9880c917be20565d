"""Other names and words for a recorded flow, in its text and in its recording alike."""

from __future__ import annotations

import json
import random
import re
import string
from collections.abc import Iterator, Mapping
from typing import Any

import yaml

from flowctl.language.walk import walk_tasks

SHARED = re.compile(
    r"kestra://|flowId|kv\.|kv\(|state\.|storage|webhook|schedule|tasksWithState|errorLogs|logs\(", re.I
)
"""Flows that lean on something outside of themselves, or print ids in ways of their own."""
REACHES = r"(?:\bid: |\boutputs\.|\btasks\.|\boutputs\['|\bdependsOn: \[|, ?)"
SAYING = frozenset({"format", "message", "errorMessage", "description"})
WORD = re.compile(r"(?<![\w-])[a-z]{4,}(?![\w-])")
Json = Any  # of the recordings


def parsed(text: str) -> Json:
    """The flow as plain data; None when it is none."""
    try:
        value = yaml.load(text, yaml.CSafeLoader)
    except yaml.YAMLError:
        return None
    return value if isinstance(value, dict) else None


def ids_of(text: str, recorded: Json) -> list[str]:
    """Ids of tasks that are written nowhere but where they are declared and reached, and printed by no output."""
    ids = sorted({str(task["id"]) for _, task in walk_tasks(parsed(text)) if isinstance(task.get("id"), str)})
    printed = json.dumps([recorded["outputs"], recorded["labels"], *_outputs(recorded)])
    return [id_ for id_ in ids if _only_reached(id_, text) and not _whole(id_).search(printed)]


def _outputs(recorded: Json) -> Iterator[Json]:
    for runs in (recorded["taskRuns"], *(one["taskRuns"] for one in recorded["iterations"] or ())):
        yield from ([run["outputs"], run["value"], run["parentValue"]] for run in runs)


def _whole(word: str) -> re.Pattern[str]:
    return re.compile(rf"(?<![\w-]){re.escape(word)}(?![\w-])")


def _reached(id_: str) -> re.Pattern[str]:
    return re.compile(rf"({REACHES}){re.escape(id_)}(?![\w-])")


def _only_reached(id_: str, text: str) -> bool:
    return not _whole(id_).search(_reached(id_).sub("", text))


def words_of(text: str, recorded: Json) -> list[str]:
    """Words of messages that no expression works on, nor anything else of the flow says."""
    if re.search(r"\{\{[^}]*[|('\"]", text):
        return []
    said = {word for value in _sayings(parsed(text)) if "{" not in value for word in WORD.findall(value)}
    structure = [[key for run in recorded["taskRuns"] for key in run], sorted(recorded), "true false null"]
    others = json.dumps([recorded["labels"], [run["task"] for run in recorded["taskRuns"]], structure])
    return sorted(word for word in said if len(_whole(word).findall(text)) == 1 and not _whole(word).search(others))


def _sayings(value: Json) -> Iterator[str]:
    if isinstance(value, dict):
        for key, held in value.items():
            if key in SAYING and isinstance(held, str):
                yield held
            else:
                yield from _sayings(held)
    elif isinstance(value, list):
        for held in value:
            yield from _sayings(held)


def fresh(word: str, source: random.Random) -> str:
    """Another word of the same length."""
    letters = source.choices(string.ascii_lowercase, k=max(len(word), 3))
    return "q" + "".join(letters[1:]) if len(word) > 2 else "q" + "".join(letters)


def varied_text(text: str, ids: Mapping[str, str], words: Mapping[str, str]) -> str:
    """The flow with other ids and words."""
    for old, new in ids.items():
        text = _reached(old).sub(rf"\g<1>{new}", text)
    for old, new in words.items():
        text = _whole(old).sub(new, text)
    return text


def varied_recording(recorded: Json, ids: Mapping[str, str], words: Mapping[str, str]) -> Json:
    """What is to happen to that flow."""
    text = json.dumps(recorded)
    for old, new in words.items():
        text = _whole(old).sub(new, text)
    found = json.loads(text)
    for runs in (found["taskRuns"], *(one["taskRuns"] for one in found["iterations"] or ())):
        for run in runs:
            run["task"], run["parent"] = ids.get(run["task"], run["task"]), ids.get(run["parent"], run["parent"])
    for one in found["iterations"] or ():
        one["item"]["taskId"] = ids.get(one["item"]["taskId"], one["item"]["taskId"])
    return in_order(found)


def in_order(found: Json) -> Json:
    """With its rows sorted by the names they have now."""

    def key(run: Json) -> tuple[str, ...]:
        return (run["task"], *(str(run[name]) for name in ("parentValue", "value", "iteration", "state", "outputs")))

    for owner in (found, *(found.get("iterations") or ())):
        owner["taskRuns"] = sorted(owner.get("taskRuns") or [], key=key)
    if found.get("iterations"):
        found["iterations"] = sorted(found["iterations"], key=lambda one: json.dumps(one, sort_keys=True))
    return found
