"""Functions that need nothing from outside: JSON, YAML, ranges, `render`, encryption and more."""

from __future__ import annotations

from collections.abc import Mapping

from flowctl.language.expressions.errors import ExpressionError, LimitError
from flowctl.language.expressions.java.printing import java_text
from flowctl.language.expressions.operations import comparing
from flowctl.language.expressions.operations.ranges import span
from flowctl.language.expressions.running import Run
from flowctl.language.expressions.specs import BEFORE_2, Functions, Given
from flowctl.language.expressions.values import HashMap, is_number, kind

PURE_FUNCTIONS = Functions()
NESTED_RENDERS = 12
"""`render()` calls inside each other; each takes a good part of the interpreter's stack."""


def _json_argument(given: Given, name: str) -> str | None:
    if "json" not in given:
        raise ExpressionError(f"The '{name}' function expects an argument 'json'.")
    value = given["json"]
    if value is not None and not isinstance(value, str):
        raise ExpressionError(f"The '{name}' function expects an argument 'json' with type string.")
    return value


@PURE_FUNCTIONS.add("fromJson", "json")
def from_json(run: Run, given: Given) -> object:
    """The value of a JSON text; what follows the first value is ignored."""
    from flowctl.language.expressions.formats.jsontext import read_json

    source = _json_argument(given, "fromJson")
    return None if source is None else read_json(source)


@PURE_FUNCTIONS.add("json", "json", dialects=BEFORE_2, hint="write `fromJson(…)`")
def json_(run: Run, given: Given) -> object:
    """As `fromJson`; removed in 2.0."""
    from flowctl.language.expressions.formats.jsontext import read_json

    source = _json_argument(given, "json")
    return None if source is None else read_json(source)


@PURE_FUNCTIONS.add("fromIon", "ion", "allRows")
def from_ion(run: Run, given: Given) -> object:
    """The first value of an Ion text, or with `allRows` all of them as a list."""
    from flowctl.language.expressions.formats.ion import read_ion

    source = given.get("ion")
    if source is None:
        return None
    if not isinstance(source, str):
        raise ExpressionError("The 'fromIon' function expects an argument 'ion' with type string.")
    rows = read_ion(source)
    return rows if given.get("allRows") is True else rows[0] if rows else None


@PURE_FUNCTIONS.add("yaml", "yaml")
def yaml(run: Run, given: Given) -> object:
    """The value of a YAML text."""
    from flowctl.flowtext.document import YamlProblem, parse

    source = given.get("yaml")
    if not isinstance(source, str):
        raise ExpressionError("The 'yaml' function expects an argument 'yaml' with type string.")
    try:
        document = parse(source)
    except YamlProblem as problem:
        raise ExpressionError(f"Invalid yaml: {problem.message}, line {problem.line}") from None
    if document.root is None:
        raise ExpressionError("Invalid yaml: there is nothing in it")
    return document.value


@PURE_FUNCTIONS.add("range", "start", "end", "increment")
def range_(run: Run, given: Given) -> object:
    """The numbers or letters from `start` to `end`, both included."""
    return span(run, given.get("start"), given.get("end"), given.get("increment", 1))


def _extreme(given: Given, name: str, operator: str) -> object:
    found: object = None
    for position, value in given.items():
        if not position.isdigit():
            continue
        if found is not None and value is not None and not (is_number(value) and is_number(found)):
            unfit = found if is_number(value) else value
            raise ExpressionError(f"The '{name}' function takes numbers, not {kind(unfit)}")
        if found is None or comparing.order(value, found, operator):
            found = value
    return found


@PURE_FUNCTIONS.add("max")
def max_(run: Run, given: Given) -> object:
    """The largest of the arguments."""
    return _extreme(given, "max", ">")


@PURE_FUNCTIONS.add("min")
def min_(run: Run, given: Given) -> object:
    """The smallest of the arguments."""
    return _extreme(given, "min", "<")


@PURE_FUNCTIONS.add("block", "name")
def block(run: Run, given: Given) -> object:
    """The text of a block of this template once more; null when there is none."""
    found = run.blocks.get(java_text(given.get("name"), 1000))
    if found is None:
        return None
    run.macro_depth += 1
    if run.macro_depth > run.environment.limits.macros:
        raise LimitError("Blocks print each other without end")
    try:
        return found(run)
    finally:
        run.macro_depth -= 1


@PURE_FUNCTIONS.add("parent")
def parent(run: Run, given: Given) -> object:
    """Always an error: templates do not extend each other here."""
    raise ExpressionError("Can not use parent function if template does not extend another template.")


@PURE_FUNCTIONS.add("render", "toRender", "recursive")
def render(run: Run, given: Given) -> object:
    """A text, list or map with its expressions evaluated, again and again unless `recursive` is false."""
    recursive = given.get("recursive", True) is not False
    return _render(run, _to_render(given, "render"), recursive)


@PURE_FUNCTIONS.add("renderOnce", "toRender")
def render_once(run: Run, given: Given) -> object:
    """A text, list or map with its expressions evaluated once."""
    return _render(run, _to_render(given, "renderOnce"), False)


def _to_render(given: Given, name: str) -> object:
    if "toRender" not in given:
        raise ExpressionError(f"The '{name}' function expects an argument 'toRender'.")
    return given["toRender"]


def _render(run: Run, value: object, recursive: bool) -> object:
    run.tick()
    if isinstance(value, str):
        return _render_text(run, value, recursive)
    if isinstance(value, Mapping):
        return HashMap((_render(run, k, recursive), _render(run, v, recursive)) for k, v in value.items())
    if isinstance(value, list | tuple):
        return [_render(run, item, recursive) for item in value]
    return value


def _render_text(run: Run, text: str, recursive: bool) -> str:
    """Renders until nothing changes. A text that is being rendered already is not entered again but left as it is."""
    active = run.budget.rendering
    if text in active:
        return text
    if len(active) >= NESTED_RENDERS:
        raise LimitError("Too many rendering attempts")
    active.append(text)
    try:
        for _ in range(run.environment.limits.renders if recursive else 1):
            result = run.nested(run, text)
            if not recursive or result == text or "{" not in result:
                return result
            text = result
        raise LimitError("Too many rendering attempts")
    finally:
        active.pop()


@PURE_FUNCTIONS.add("printContext")
def print_context(run: Run, given: Given) -> object:
    """All variables as a map."""
    return HashMap(run.context)


@PURE_FUNCTIONS.add("fetchContext")
def fetch_context(run: Run, given: Given) -> object:
    """All variables as a map."""
    return HashMap(run.context)


@PURE_FUNCTIONS.add(
    "currentEachOutput", "outputs", dialects=BEFORE_2, hint="inside a Loop `outputs.task.value` is the iteration's own"
)
def current_each_output(run: Run, given: Given) -> object:
    """The outputs that a task of the same iteration made: the path of the ancestors' values, then the task run's.

    None when the outputs know none of these values: outside of each-tasks, and for a task outside of them (seen).
    """
    outputs = value = given.get("outputs")
    parents = run.context.get("parents")
    outer = [_value_of(p) for p in reversed(parents)] if isinstance(parents, list) else []
    for step in [*outer, _value_of(run.context)]:
        if step is not None and isinstance(value, Mapping) and step in value:
            value = value[step]
    return None if value is outputs else value


def _value_of(holder: object) -> str | None:
    taskrun = holder.get("taskrun") if isinstance(holder, Mapping) else None
    value = taskrun.get("value") if isinstance(taskrun, Mapping) else None
    return value if isinstance(value, str) else None


@PURE_FUNCTIONS.add("encrypt", "key", "plaintext")
def encrypt(run: Run, given: Given) -> object:
    """The text under AES-GCM with a Base64 key: Base64 of nonce and cipher text."""
    from flowctl.language.expressions import aesgcm

    nonce = run.environment.randomness.randbytes(aesgcm.NONCE)
    return aesgcm.encrypt(_text(given, "key", "encrypt"), _text(given, "plaintext", "encrypt"), nonce)


@PURE_FUNCTIONS.add("decrypt", "key", "encrypted")
def decrypt(run: Run, given: Given) -> object:
    """The reverse of `encrypt`."""
    from flowctl.language.expressions import aesgcm

    return aesgcm.decrypt(_text(given, "key", "decrypt"), _text(given, "encrypted", "decrypt"))


def _text(given: Given, name: str, function: str) -> str:
    value = given.get(name)
    if not isinstance(value, str):
        raise ExpressionError(f"The '{function}' function expects an argument '{name}'.")
    return value
