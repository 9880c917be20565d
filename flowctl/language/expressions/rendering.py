"""Rendering of whole structures: every text of a property, lists and maps included."""

from __future__ import annotations

from collections.abc import Mapping

from flowctl.language.expressions.environment import DEFAULT, Environment
from flowctl.language.expressions.errors import LimitError
from flowctl.language.expressions.running import Budget
from flowctl.language.expressions.template import compile_template

MAX_DEPTH = 100


def render_value(value: object, context: Mapping[str, object], environment: Environment | None = None) -> object:
    """The value with every text in it rendered, keys of maps too; other values are kept.

    Of two keys that render to the same text the first one wins. All texts share one budget of limits.

    Raises:
        ExpressionError: of the first text that cannot be parsed or rendered.
    """
    chosen = environment or DEFAULT
    return _render(value, context, chosen, Budget(chosen), 0)


def _render(
    value: object, context: Mapping[str, object], environment: Environment, budget: Budget, depth: int
) -> object:
    if isinstance(value, str):
        return compile_template(value).render(context, environment, budget) if "{" in value else value
    if depth > MAX_DEPTH:
        raise LimitError(f"A value is nested deeper than {MAX_DEPTH} levels")
    if isinstance(value, Mapping):
        rendered: dict[object, object] = {}
        for key, item in value.items():
            name = _render(key, context, environment, budget, depth + 1)
            if name not in rendered:
                rendered[name] = _render(item, context, environment, budget, depth + 1)
        return rendered
    if isinstance(value, list | tuple):
        return [_render(item, context, environment, budget, depth + 1) for item in value]
    return value
