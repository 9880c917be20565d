"""Validation of one flow: what every server refuses, and in strict mode what this dialect's server refuses."""

from flowctl.language.validation.check import check_flow
from flowctl.language.validation.text import SERVER_WARNINGS, constraint_text, error_items

__all__ = ["SERVER_WARNINGS", "check_flow", "constraint_text", "error_items"]
