"""Filters over dates and times."""

from __future__ import annotations

from flowctl.language.expressions.specs import Filters

DATE_FILTERS = Filters()
