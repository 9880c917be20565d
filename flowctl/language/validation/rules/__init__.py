"""Rules of single types, beyond the shapes of their properties: by the type's name."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from flowctl.language.findings import Path
from flowctl.language.validation.context import Context
from flowctl.language.validation.rules.flowables import FLOWABLES
from flowctl.language.validation.rules.triggers import TRIGGERS

Rule = Callable[[Context, Mapping[str, object], Path], None]

RULES: Mapping[str, tuple[Rule, ...]] = {**FLOWABLES, **TRIGGERS}
