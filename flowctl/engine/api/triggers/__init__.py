"""Routes about triggers."""
