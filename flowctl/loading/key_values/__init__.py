"""The key-value pairs of `_kv.yaml` files."""
