"""The call windows of a key, shared by all processes through Redis."""

from __future__ import annotations

from worker.budget.budget import Budget, Day, WindowUse, connect
from worker.budget.past import Past, PastCall, journalled

__all__ = ["Budget", "Day", "Past", "PastCall", "WindowUse", "connect", "journalled"]
