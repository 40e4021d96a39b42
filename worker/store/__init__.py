"""What the relay remembers, in SQLite or PostgreSQL."""

from worker.store.engine import Store, StoreUnavailable, open_store

__all__ = ["Store", "StoreUnavailable", "open_store"]
