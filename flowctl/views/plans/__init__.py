"""A plan for people and for programs, each view of it a module."""
