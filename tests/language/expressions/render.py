"""A shorthand for tests."""

from __future__ import annotations

from collections.abc import Mapping

from flowctl.language.expressions.environment import Environment
from flowctl.language.expressions.errors import ExpressionError
from flowctl.language.expressions.template import compile_template


def render(template: str, context: Mapping[str, object] | None = None, environment: Environment | None = None) -> str:
    """The text of a template."""
    return compile_template(template).render(context or {}, environment)


def failure(
    template: str, context: Mapping[str, object] | None = None, environment: Environment | None = None
) -> ExpressionError:
    """The error of a template; fails when there is none."""
    try:
        printed = render(template, context, environment)
    except ExpressionError as error:
        return error
    raise AssertionError(f"{template} printed {printed!r}")
