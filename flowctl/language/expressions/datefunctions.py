"""Functions over dates and times."""

from __future__ import annotations

from flowctl.language.expressions.specs import Functions

DATE_FUNCTIONS = Functions()
