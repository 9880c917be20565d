"""Desired against existing: what differs, and what differs in words. Nothing here judges."""
