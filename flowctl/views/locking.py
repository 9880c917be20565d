"""A lock as JSON data."""

from __future__ import annotations

from flowctl.model.ledger import Lock


def lock_members(lock: Lock) -> dict[str, object]:
    """Who holds a lock, since when, and until when at the latest."""
    return {
        "id": lock.id,
        "owner": lock.owner,
        "host": lock.host,
        "takenAt": lock.taken_at.isoformat(),
        "expiresAt": lock.expires_at.isoformat(),
    }
