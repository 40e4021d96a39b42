"""Names why a stream ended, and how long to wait before it is opened again."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from worker.errors import RelayError

FIRST: Final = 1.0
LONGEST: Final = 60.0
SLOW_FIRST: Final = 60.0
SLOW_LONGEST: Final = 900.0


class StreamEnded(RelayError):
    """It can be opened again, soon."""


class TokenEnded(StreamEnded):
    """The sender no longer accepts the access token. `tenant`: of this connection; empty where it doesn't say."""

    def __init__(self, why: str, tenant: str = "") -> None:
        super().__init__(why)
        self.tenant = tenant


class StreamRefused(RelayError):
    """It is not for this connection: trying often is of no use."""


class StreamUnlike(StreamRefused):
    """The sender says something else than its connector declares."""


def pause(tries: int, chance: Callable[[], float], *, slow: bool = False) -> float:
    """Seconds, growing with the number of tries in a row that failed (from 1); a part of it is chance, so that not all come back at once."""
    first, longest = (SLOW_FIRST, SLOW_LONGEST) if slow else (FIRST, LONGEST)
    whole: float = min(first * 2 ** min(tries - 1, 16), longest)
    return whole * (0.5 + 0.5 * chance())
