"""Routes about the server itself and its catalogue of types (API sheet 1.3, 7)."""
