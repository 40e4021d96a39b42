"""The call windows of a key, shared by all processes through Redis."""

from __future__ import annotations

from worker.budget.budget import Budget, WindowUse, connect
from worker.budget.past import Past, PastCall, journalled

__all__ = ["Budget", "Past", "PastCall", "WindowUse", "connect", "journalled"]
