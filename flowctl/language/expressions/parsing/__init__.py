"""A template's text to its tree."""
