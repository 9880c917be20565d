"""What a SELECT or MULTISELECT offers: values, or maps of a value and the label that people read (2.0)."""

from __future__ import annotations


def option_value(option: object) -> object:
    """The value that an option stands for: itself, or what a map has as `value`."""
    return option["value"] if isinstance(option, dict) and option.get("value") is not None else option


def texts(options: object) -> list[str]:
    """The values of a list of options as texts; nothing for what is no list."""
    return [str(option_value(option)) for option in options] if isinstance(options, list) else []
