"""Routes about triggers (API sheet 4)."""
