"""Inputs of an execution and typed outputs of a flow: what is given → what expressions see.

Pure: expressions are rendered, and files stored, by callables that come in.
"""

from flowctl.language.inputs.convert import InputError, convert
from flowctl.language.inputs.outputs import type_output
from flowctl.language.inputs.resolve import Files, Rendering, ResolvedInput, resolve_each, resolve_inputs

__all__ = [
    "Files",
    "InputError",
    "Rendering",
    "ResolvedInput",
    "convert",
    "resolve_each",
    "resolve_inputs",
    "type_output",
]
