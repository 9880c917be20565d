"""`docs/types.md`, made from the catalogue."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from flowctl.language.types import PropertySpec, TypeSpec
from flowctl.language.types.catalogue import built_in
from flowctl.language.types.common import BRANCHES, TASK, TRIGGER
from flowctl.language.types.flow import FLOW, RETRIES, SLAS
from flowctl.language.types.inputs import COMMON as COMMON_INPUT
from flowctl.language.types.inputs import TYPES as INPUTS

_HEAD = """# Types

Every type that flowctl knows, with its properties. This page is made from the catalogue that the checks use \
(`python -m flowctl.language.types.page`); `flowctl schema` writes the same as JSON Schema for editors.

A property marked *dynamic* may be an expression and is read when the task starts; any other one is read when the \
flow is saved. **Bold** properties are required. Behind a property stands its default; *1.3* or *2.0* marks what only \
that dialect has, *announced* what is documented for later releases and only the lenient dialect takes.
"""


def types_page() -> str:
    """The whole page."""
    known = built_in()
    parts = [
        _HEAD,
        _section("The flow", [FLOW]),
        _common("Every task has", TASK),
        _common("Every task that holds tasks has", BRANCHES),
        _section("Tasks", [spec for spec in known.all("task") if spec.runnable]),
        _common("Every trigger has", TRIGGER),
        _section("Triggers", [spec for spec in known.all("trigger") if spec.runnable]),
        _section("Conditions (before 2.0)", known.all("condition")),
        _section("Task runners", known.all("runner")),
        _common("Every input has", COMMON_INPUT),
        _section("Inputs", INPUTS),
        _section("Retries", RETRIES),
        _section("SLAs", SLAS),
        _elsewhere(spec for spec in known.all("task", "trigger") if not spec.runnable),
    ]
    return "\n".join(parts)


def _section(title: str, specs: Iterable[TypeSpec]) -> str:
    return f"## {title}\n\n" + "\n".join(_type(spec) for spec in specs)


def _type(spec: TypeSpec) -> str:
    own = {name: one for name, one in spec.properties.items() if not _is_common(name, one) and name != "type"}
    lines = [f"### `{spec.name}`", "", spec.title + _marks(spec), ""]
    lines += list(_properties(own))
    if spec.outputs:
        lines += ["", "Outputs: " + ", ".join(f"`{name}`" for name in spec.outputs) + "."]
    return "\n".join(lines).rstrip() + "\n"


def _is_common(name: str, spec: PropertySpec) -> bool:
    return any(common.get(name) is spec for common in (TASK, BRANCHES, TRIGGER, COMMON_INPUT))


def _marks(spec: TypeSpec) -> str:
    marks = "" if spec.dialects == ("1.3", "2.0") else f" *{_dialects(spec.dialects)}*"
    return marks if spec.runnable else f"{marks} Not run by the bundled server."


def _dialects(dialects: tuple[str, ...]) -> str:
    return ", ".join(dialects) or "announced"


def _properties(properties: Mapping[str, PropertySpec]) -> Iterator[str]:
    for name, spec in properties.items():
        shown = f"**`{name}`**" if spec.required else f"`{name}`"
        kind = " \\| ".join(spec.enum) if spec.enum else spec.type
        facts = [kind, "dynamic" if spec.dynamic else ""]
        if spec.default is not None:
            facts.append(f"default `{str(spec.default)!r}`" if spec.default == "\n" else f"default `{spec.default}`")
        if spec.dialects != ("1.3", "2.0"):
            facts.append(f"*{_dialects(spec.dialects)}*")
        text = f": {spec.description}" if spec.description else ""
        if spec.deprecated:
            text += f" Old; write {spec.deprecated}."
        yield f"- {shown} ({', '.join(fact for fact in facts if fact)}){text}"


def _common(title: str, properties: Mapping[str, PropertySpec]) -> str:
    return f"## {title}\n\n" + "\n".join(_properties(properties)) + "\n"


def _elsewhere(specs: Iterable[TypeSpec]) -> str:
    names = [f"- `{spec.name}`" for spec in specs]
    text = "These plugins exist on other servers. flowctl knows them by name; the bundled server refuses them.\n\n"
    return "## Known, not run here\n\n" + text + "\n".join(names) + "\n"


if __name__ == "__main__":
    print(types_page(), end="")
