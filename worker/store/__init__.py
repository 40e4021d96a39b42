"""Keeps what the relay remembers, in SQLite or PostgreSQL."""

from worker.store.db.engine import Store, StoreUnavailable, open_store

__all__ = ["Store", "StoreUnavailable", "open_store"]
