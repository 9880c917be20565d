"""Routes about executions, their logs, metrics and files (API sheet 3, 6)."""
