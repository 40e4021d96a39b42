"""Keeps API keys and signing secrets, and when they were last used."""

from __future__ import annotations

from worker.keys.keys import FRESH, Keys

__all__ = ["FRESH", "Keys"]
