"""Counts the calls of each key in windows that all processes share through Redis."""

from __future__ import annotations

from worker.upsales.budget.history import Past, PastCall, journalled
from worker.upsales.budget.windows import Budget, Day, WindowUse, connect

__all__ = ["Budget", "Day", "Past", "PastCall", "WindowUse", "connect", "journalled"]
