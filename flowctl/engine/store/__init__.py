"""What the bundled server remembers: one SQLite file, one writer, readers that never wait for it."""

from flowctl.engine.store.problems import StoreBusy, StoreDamaged, StoreError, StoreFull, StoreTooNew, StoreUnavailable
from flowctl.engine.store.store import Clock, Store, utc_now

__all__ = [
    "Clock",
    "Store",
    "StoreBusy",
    "StoreDamaged",
    "StoreError",
    "StoreFull",
    "StoreTooNew",
    "StoreUnavailable",
    "utc_now",
]
