"""Moving pins in an environment file: one digest for another, the rest of the file as it is."""

from __future__ import annotations

from collections.abc import Mapping

from flowctl.flowtext.document import parse
from flowctl.flowtext.edits import set_value
from flowctl.flowtext.scalar_text import scalar_text
from flowctl.flowtext.splice import eol_of


def move_pins(text: str, pins: Mapping[str, str]) -> str:
    """The environment file with these flows (`NS/ID`) pinned to these digests.

    Raises:
        SpliceError: the file has a shape in which this cannot be done safely.
        YamlProblem: the text is not sound.
    """
    for name, digest in pins.items():
        root = parse(text).value
        if isinstance(root, dict) and isinstance(root.get("pins"), dict):
            text = set_value(text, ("pins", name), digest)
        else:
            text = _first_pin(text, name, digest)
    return text


def _first_pin(text: str, name: str, digest: str) -> str:
    end = eol_of(text)
    gap = "" if text.endswith(("\n", "\r")) else end
    return f"{text}{gap}pins:{end}  {scalar_text(name)}: {scalar_text(digest)}{end}"
