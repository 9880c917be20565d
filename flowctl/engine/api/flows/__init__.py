"""Routes about flows (API sheet 2)."""
