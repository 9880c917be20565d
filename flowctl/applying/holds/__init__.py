"""Flows that are written when they are quiet (`--quiet-window`) or deleted when they have ended (`--drain`)."""
