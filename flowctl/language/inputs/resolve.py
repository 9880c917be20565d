"""Inputs of an execution: order, conditions, defaults, types and checks."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Protocol

from flowctl.language.expressions.errors import ExpressionError
from flowctl.language.flags import is_off, is_on
from flowctl.language.inputs.checks import check_value
from flowctl.language.inputs.convert import convert, default_bool, text_of
from flowctl.language.inputs.errors import InputError
from flowctl.language.inputs.names import Declared, flatten, given_value, nested
from flowctl.language.options import option_value
from flowctl.model.environment import Dialect

Files = Callable[[str, object], str]
"""Stores what was given for a FILE input (id, value) and gives its address; an address comes back as it is."""


class Rendering(Protocol):
    """Expressions of defaults, conditions and choices; both raise ExpressionError. `inputs` is what they see."""

    def render(self, text: str, inputs: Mapping[str, object]) -> str:
        """A text rendered to text."""
        ...

    def evaluate(self, text: str, inputs: Mapping[str, object]) -> object:
        """A text rendered; a single expression keeps its type."""
        ...


@dataclass(frozen=True, slots=True)
class ResolvedInput:
    """One input as it came out. Of a disabled one `value` is its default, if it has one that needs no other input."""

    id: str
    declared: Declared
    value: object = None
    enabled: bool = True
    is_default: bool = False
    error: InputError | None = None

    @property
    def present(self) -> bool:
        """Whether the execution has the input at all."""
        return self.error is None and (self.enabled or self.value is not None)


@dataclass(slots=True)
class _Work:
    given: Mapping[str, object]
    rendering: Rendering
    files: Files | None
    dialect: Dialect
    declared: dict[str, Declared]
    blanks: bool = False
    done: dict[str, ResolvedInput] = field(default_factory=dict)


def resolve_inputs(
    declared: object,
    given: Mapping[str, object],
    rendering: Rendering,
    *,
    files: Files | None = None,
    dialect: Dialect = "2.0",
    blanks: bool = False,
) -> dict[str, object]:
    """All inputs of an execution, nested by the dots of their ids, in the order of the flow.

    `declared` is the flow's `inputs`, in today's spelling; `given` maps full ids (`box.name`) to text, structures or
    files, nested maps for dotted ids are fine too. Unknown ids are ignored.

    Raises:
        InputError: the first input that is missing or does not fit.
    """
    found = resolve_each(declared, given, rendering, files=files, dialect=dialect, blanks=blanks)
    for one in found:
        if one.error is not None:
            raise one.error
    return nested({one.id: one.value for one in found if one.present})


def resolve_each(
    declared: object,
    given: Mapping[str, object],
    rendering: Rendering,
    *,
    files: Files | None = None,
    dialect: Dialect = "2.0",
    blanks: bool = False,
) -> list[ResolvedInput]:
    """Every input with its value or its error, in the order of resolving: the flow's, dependencies first.

    `blanks`: an empty text that is given is a value where the type has one, and not the wish for the default.
    """
    work = _Work(given, rendering, files, dialect, flatten(declared), blanks)
    for name in _order(work.declared):
        _resolve(name, work)
    return list(work.done.values())


def _order(declared: Mapping[str, Declared]) -> list[str]:
    """Ids in the order of the flow, each after those it depends on; a circle is cut where it was entered."""
    order: dict[str, None] = {}
    entered: set[str] = set()
    stack = [*declared][::-1]
    while stack:
        name = stack[-1]
        later = [] if name in entered else [need for need in _needs(declared[name]) if need in declared]
        entered.add(name)
        fresh = [need for need in reversed(later) if need not in entered]
        if fresh:
            stack += fresh
        else:
            order.setdefault(stack.pop())
    return list(order)


def _resolve(name: str, work: _Work) -> None:
    held = work.declared[name]
    needs = [need for need in _needs(held) if need in work.declared]
    enabled = _enabled(held, needs, work)
    try:
        value, is_default = _value(name, held, needs, enabled, work)
        found = ResolvedInput(name, held, value, enabled, is_default)
    except InputError as error:
        found = ResolvedInput(
            name, held, None, enabled, error=error if error.input_id or error.bare else error.of(name)
        )
    except ExpressionError as error:
        problem = InputError(str(error), name) if enabled else None  # the default of a disabled one is left out
        found = ResolvedInput(name, held, None, enabled, error=problem)
    work.done[name] = found


def _needs(held: Declared) -> list[str]:
    depends = held.get("dependsOn")
    wanted = depends.get("inputs") if isinstance(depends, dict) else None
    return [str(one) for one in wanted if one is not None] if isinstance(wanted, list) else []


def _enabled(held: Declared, needs: Sequence[str], work: _Work) -> bool:
    """Not when a dependency is disabled, nor when the condition is anything but true or cannot be rendered."""
    if any(need in work.done and not work.done[need].enabled for need in needs):
        return False
    depends = held.get("dependsOn")
    condition = depends.get("condition") if isinstance(depends, dict) else None
    if condition is None:
        return True
    try:
        value = work.rendering.evaluate(text_of(condition), _visible(needs, work))
    except ExpressionError:
        return False
    return value is True or (isinstance(value, str) and value.strip() == "true")


def _values(work: _Work) -> dict[str, object]:
    return {name: one.value for name, one in work.done.items() if one.present}


def _value(name: str, held: Declared, needs: Sequence[str], enabled: bool, work: _Work) -> tuple[object, bool]:
    """The typed and checked value, and whether it is the default."""
    if not enabled and work.dialect == "1.3":
        return None, False
    raw = given_value(work.given, name) if enabled else None
    is_default = raw is None or (raw == "" and not (work.blanks and held.get("type") in _WITH_BLANKS))
    visible = _visible(needs, work) if enabled and _templated(held) else {}
    choices = _choices(held, visible, name, work) if enabled else None
    if is_default:
        raw = _default(held, visible, choices, work)
        if raw is None or (raw == "" and held.get("type") not in ("STRING", "SECRET")):
            _missing(name, held, enabled)
            return None, False
        if held.get("type") in ("BOOL", "BOOLEAN"):
            raw = default_bool(raw)
    return _typed(name, held, raw, choices, enabled, work), is_default


_WITH_BLANKS = ("STRING", "SECRET", "SELECT")


def _missing(name: str, held: Declared, enabled: bool) -> None:
    if enabled and not is_off(held.get("required")):
        raise InputError(f"Missing required input:{name}", name, bare=True)


_DATA = (str, int, float, dict, list, tuple, set)


def _typed(name: str, held: Declared, raw: object, choices: Sequence[str] | None, enabled: bool, work: _Work) -> object:
    kind = str(held.get("type"))
    if work.files is not None and not isinstance(raw, _DATA):
        raw = work.files(name, raw)
    item_type = held.get("itemType")
    value = convert(kind, raw, item_type=item_type if isinstance(item_type, str) else None, dialect=work.dialect)
    if enabled:
        check_value(held, value, choices)
    return value


def _templated(held: Declared) -> bool:
    """Whether an expression of the input can ask for other inputs."""
    default = held.get("defaults")
    return held.get("expression") is not None or isinstance(default, (dict, list)) or "{" in str(default)


def _visible(needs: Sequence[str], work: _Work) -> dict[str, object]:
    """What a condition, a default or a choice sees: the inputs named in `dependsOn`, and null for every other one."""
    values = _values(work)
    return nested({name: values.get(name) if name in needs else None for name in work.declared})


def _default(held: Declared, visible: Mapping[str, object], choices: Sequence[str] | None, work: _Work) -> object:
    default = held.get("defaults")
    if default is None and is_on(held.get("autoSelectFirst")) and choices:
        return [choices[0]] if held.get("type") == "MULTISELECT" else choices[0]
    return render_all(default, visible, work.rendering)


def render_all(value: object, inputs: Mapping[str, object], rendering: Rendering) -> object:
    """A value with every text in it rendered."""
    if isinstance(value, str):
        return rendering.render(value, inputs) if "{" in value else value
    if isinstance(value, dict):
        return {key: render_all(item, inputs, rendering) for key, item in value.items()}
    if isinstance(value, list):
        return [render_all(item, inputs, rendering) for item in value]
    return value


def _choices(held: Declared, visible: Mapping[str, object], name: str, work: _Work) -> list[str] | None:
    """The values of a SELECT or MULTISELECT; None for anything else. `expression` wins over `values`."""
    if held.get("type") not in ("SELECT", "MULTISELECT", "ENUM"):
        return None
    expression = held.get("expression")
    if expression is None:
        values = held.get("values", held.get("options"))
        return [text_of(option_value(one)) for one in values if one is not None] if isinstance(values, list) else []
    try:
        result = work.rendering.evaluate(text_of(expression), visible)
    except ExpressionError as error:
        raise InputError(f"Cannot render 'expression'. Cause: {error!s}", name) from None
    if not isinstance(result, (list, tuple)):
        raise InputError(f"{name}: Invalid expression result. Expected a list of values", name)
    return [text_of(option_value(one)) for one in result]
