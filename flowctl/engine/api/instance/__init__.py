"""Routes about the server itself and its catalogue of types."""
