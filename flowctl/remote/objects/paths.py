"""Paths of Kestra's API below the tenant."""

from __future__ import annotations

from urllib.parse import quote

from flowctl.model.keys import FlowKey, KvKey


def flow(key: FlowKey) -> str:
    """One flow."""
    return f"/flows/{quote(key.namespace, safe='')}/{quote(key.id, safe='')}"


def files(namespace: str) -> str:
    """The files of a namespace."""
    return f"/namespaces/{quote(namespace, safe='')}/files"


def dependencies(namespace: str) -> str:
    """Who depends on whom among the flows of a namespace and their neighbours."""
    return f"/namespaces/{quote(namespace, safe='')}/dependencies"


def values(namespace: str) -> str:
    """The key-values of a namespace."""
    return f"/namespaces/{quote(namespace, safe='')}/kv"


def value(key: KvKey) -> str:
    """One key-value."""
    return f"{values(key.namespace)}/{quote(key.key, safe='')}"
