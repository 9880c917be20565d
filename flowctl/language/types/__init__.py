"""The catalogue of types: tasks, triggers, conditions, task runners, inputs, retries, and the flow itself.

Data only, one small table per family. `find_type` is the way in; `register` is for plugins.
"""

from flowctl.language.types.catalogue import Catalogue, all_types, find_type, is_work, register, set_runnable
from flowctl.language.types.spec import ChildShape, Kind, PropertySpec, Resolved, Shape, TypeSpec, ValueType, shape_of

__all__ = [
    "Catalogue",
    "ChildShape",
    "Kind",
    "PropertySpec",
    "Resolved",
    "Shape",
    "TypeSpec",
    "ValueType",
    "all_types",
    "find_type",
    "is_work",
    "register",
    "set_runnable",
    "shape_of",
]
