"""Pebble expressions as the flow language uses them: compile once, render with limits.

    template = compile("{{ inputs.name }}")     # ExpressionError with line, column and hint
    template.render({"inputs": {"name": "Ada"}})
    template.evaluate(…)                        # one {{ }} alone keeps its type
    template.render(context, Environment(clock=…, hooks={"secret": …}))

Nothing here touches files, networks or the wall clock; what does comes in through `Environment`.
"""

from __future__ import annotations

from flowctl.language.expressions.environment import Dialect, Environment, Limits
from flowctl.language.expressions.errors import ExpressionError, LimitError, UndefinedError
from flowctl.language.expressions.java.printing import plain, print_value
from flowctl.language.expressions.problems import Problem, problems
from flowctl.language.expressions.references import Reference, references
from flowctl.language.expressions.template import Template, truthy
from flowctl.language.expressions.template import compile_template as compile  # noqa: A004  # the name of the act
from flowctl.language.expressions.values import Instant

__all__ = [
    "Dialect",
    "Environment",
    "ExpressionError",
    "Instant",
    "LimitError",
    "Limits",
    "Problem",
    "Reference",
    "Template",
    "UndefinedError",
    "compile",
    "plain",
    "print_value",
    "problems",
    "references",
    "truthy",
]
