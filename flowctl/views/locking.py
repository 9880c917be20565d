"""A lock as JSON data."""

from __future__ import annotations

from flowctl.model.ledger import Lock


def left_behind(lock: Lock) -> list[str]:
    """What an apply left on or off that was cut short, a line each."""
    flows = dict.fromkeys(one.flow for one in lock.stopped)
    return [
        *(f"trigger {trigger} of {flow} was switched off for a while" for flow, trigger in lock.paused),
        *(f"flow {flow} was kept from starting for a while" for flow in flows),
        *(f"trigger {trigger} of {flow} was disabled, and may be on" for flow, trigger in lock.stay_off),
    ]


def lock_members(lock: Lock) -> dict[str, object]:
    """Who holds a lock, since when, and until when at the latest."""
    return {
        "id": lock.id,
        "owner": lock.owner,
        "host": lock.host,
        "takenAt": lock.taken_at.isoformat(),
        "expiresAt": lock.expires_at.isoformat(),
    }
