"""Other names and words for a recorded flow, in its text and in its recording alike."""

from __future__ import annotations

import json
import random
import re
import string
from collections import Counter
from collections.abc import Collection, Iterator, Mapping
from typing import Any

import yaml

from flowctl.language.walk import walk_tasks

SHARED = re.compile(r"kestra://|flowId|kv\.|kv\(|state\.|storage|tasksWithState|errorLogs|logs\(", re.I)
"""Flows that lean on something outside of themselves, or print ids in ways of their own."""
REACHES = {
    "tasks": r"\bid: |\boutputs\.|\btasks\.|\boutputs\['|\bdependsOn: \[|, ?",
    "inputs": r"\bid: |\binputs\.|\binputs\['|\binputs: \[",
    "variables": r"\bvars\.|^  |\bvariables: \{|, ",
    "triggers": r"\bid: ",
}
"""Where a name may stand: declared or reached."""
SAYING = frozenset({"format", "message", "errorMessage", "description", "values", "value", "defaults", "variables"})
WORD = re.compile(r"(?<![\w-])[a-z]{2,}(?![\w-])")
Json = Any  # of the recordings
Names = dict[str, dict[str, str]]
"""New names by kind, then by old name."""


def parsed(text: str) -> Json:
    """The flow as plain data; None when it is none."""
    try:
        value = yaml.load(text, yaml.CSafeLoader)
    except yaml.YAMLError:
        return None
    return value if isinstance(value, dict) else None


def names_of(text: str, recorded: Json, fixed: Collection[str] = ()) -> dict[str, list[str]]:
    """Names by kind that are written nowhere but where they are declared and reached, and printed by no output.
    `fixed` are names of inputs that a client gives."""
    flow = parsed(text)
    variables = flow.get("variables")
    declared = {
        "tasks": [task.get("id") for _, task in walk_tasks(flow)],
        "inputs": [item.get("id") for item in _maps(flow.get("inputs")) if item.get("id") not in fixed],
        "variables": list(variables) if isinstance(variables, dict) else [],
        "triggers": [item.get("id") for item in _maps(flow.get("triggers"))],
    }
    printed = json.dumps([recorded["outputs"], recorded["labels"], *_outputs(recorded)])
    found: dict[str, list[str]] = {}
    numbers = Counter(name for names in declared.values() for name in names if isinstance(name, str))
    once = sorted(name for name, number in numbers.items() if number == 1 and name and "." not in name)
    for kind, names in declared.items():
        plain = [name for name in once if name in names and not _whole(name).search(printed)]
        found[kind] = [name for name in plain if _only_reached(kind, name, text)]
    return found


def _maps(value: Json) -> list[dict[str, Json]]:
    return [item for item in value if isinstance(item, dict)] if isinstance(value, list) else []


def _outputs(recorded: Json) -> Iterator[Json]:
    for runs in (recorded["taskRuns"] or (), *(one["taskRuns"] for one in recorded["iterations"] or ())):
        yield from ([run["outputs"], run["value"], run["parentValue"]] for run in runs)


def _whole(word: str) -> re.Pattern[str]:
    return re.compile(rf"(?<![\w-]){re.escape(word)}(?![\w-])")


def _reached(kind: str, name: str) -> re.Pattern[str]:
    return re.compile(rf"({REACHES[kind]}){re.escape(name)}(?![\w-])", re.MULTILINE)


def _only_reached(kind: str, name: str, text: str) -> bool:
    return not _whole(name).search(_reached(kind, name).sub("", text))


def words_of(text: str, recorded: Json) -> list[str]:
    """Words of messages and values that no expression works on, nor anything else of the flow says."""
    if re.search(r"\{\{[^}]*[|('\"]", text):
        return []
    said = Counter(word for value in _sayings(parsed(text)) if "{" not in value for word in WORD.findall(value))
    iterations = recorded["iterations"] or ()
    runs = [run for rows in (recorded["taskRuns"] or (), *(one["taskRuns"] for one in iterations)) for run in rows]
    structure = [[key for run in runs for key in run], sorted(recorded), "state item key value index true false null"]
    others = json.dumps([recorded["labels"], [run["task"] for run in runs], structure])
    return sorted(
        word
        for word, number in said.items()
        if len(_whole(word).findall(text)) == number and not _whole(word).search(others)
    )


def _sayings(value: Json, said: bool = False) -> Iterator[str]:
    """The texts below the properties that say something."""
    if isinstance(value, dict):
        for key, held in value.items():
            yield from _sayings(held, said or key in SAYING)
    elif isinstance(value, list):
        for held in value:
            yield from _sayings(held, said)
    elif said and isinstance(value, str):
        yield value


def fresh(word: str, source: random.Random) -> str:
    """Another word with the same signs and digits at the same places, longer if it would be very short."""
    letters = re.sub("[^\\W\\d_]", lambda _: source.choice(string.ascii_lowercase), word)
    more = "" if len(word) > 2 else "".join(source.choices(string.ascii_lowercase, k=3))
    return re.sub("[a-z]", "q", letters, count=1) + more


def varied_text(text: str, names: Names, words: Mapping[str, str]) -> str:
    """The flow with other names and words."""
    for kind, renamed in names.items():
        for old, new in renamed.items():
            text = _reached(kind, old).sub(rf"\g<1>{new}", text)
    return varied_words(text, words)


def varied_words(text: str, words: Mapping[str, str]) -> str:
    """A text with other words."""
    for old, new in words.items():
        text = _whole(old).sub(new, text)
    return text


def varied_recording(recorded: Json, ids: Mapping[str, str], words: Mapping[str, str]) -> Json:
    """What is to happen to that flow."""
    found = json.loads(varied_words(json.dumps(recorded), words))
    for runs in (found["taskRuns"] or (), *(one["taskRuns"] for one in found["iterations"] or ())):
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
        if owner.get("taskRuns") is not None:
            owner["taskRuns"] = sorted(owner["taskRuns"], key=key)
    if found.get("iterations"):
        found["iterations"] = sorted(found["iterations"], key=lambda one: json.dumps(one, sort_keys=True))
    return found
