"""YAML text ↔ plain data with positions, digests, and text splices that keep comments. Only here is YAML read."""
