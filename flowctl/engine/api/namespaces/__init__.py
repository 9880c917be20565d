"""Routes about namespaces, their files, key-values and secrets (API sheet 5)."""
