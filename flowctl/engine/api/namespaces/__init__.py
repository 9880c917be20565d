"""Routes about namespaces, their files, key-values and secrets."""
