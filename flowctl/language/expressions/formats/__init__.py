"""Texts in other notations: read and written by filters and functions."""
