"""Tasks that run other tasks: how each begins, goes on and ends."""
