"""One module per command; each reads as a list of calls."""
