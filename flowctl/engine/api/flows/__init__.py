"""Routes about flows."""
