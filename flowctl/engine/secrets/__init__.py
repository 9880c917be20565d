"""Secrets: an encrypted store beside the `SECRET_*` variables of the server's environment."""
