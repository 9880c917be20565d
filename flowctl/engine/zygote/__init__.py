"""Starting processes without forking the server: a small program of its own does it (`child.py`), and forks a warm
interpreter for Python scripts."""

from flowctl.engine.zygote.nursery import Child, Nursery, NurseryGone, shared

__all__ = ["Child", "Nursery", "NurseryGone", "shared"]
