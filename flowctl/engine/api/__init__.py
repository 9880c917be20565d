"""The HTTP API: Kestra's routes over the store, and flowctl's own. `create_app` assembles it."""
