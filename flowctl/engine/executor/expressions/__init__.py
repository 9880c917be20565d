"""Expressions of an execution: the variables they see, and the functions that touch the world."""
