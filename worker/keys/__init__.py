"""API keys and signing secrets: where they come from, how they are kept, when they were used."""

from __future__ import annotations

from worker.keys.keys import FRESH, Keys

__all__ = ["FRESH", "Keys"]
