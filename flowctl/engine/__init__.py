"""The bundled runtime service."""
