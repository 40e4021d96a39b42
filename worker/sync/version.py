"""Decides which of two values is newer: by time, sender's version, rank and arrival."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

from worker.plan import Standing


@dataclass(frozen=True, slots=True)
class Version:
    """The higher one is newer.

    `seq` is the place of arrival. `sender_version` and `rank` order what one time brought; a sender's version counts first,
    and no version is the lowest. What is FINAL is newer than all that its connection tells at any time; what was assumed is older
    than all that anybody told.
    """

    time: datetime
    seq: int
    connection: str = ""
    sender_version: Decimal | None = None
    rank: int = 0
    standing: int = Standing.TOLD

    def __lt__(self, other: Version) -> bool:
        return self._place(other) < other._place(self)

    def __le__(self, other: Version) -> bool:
        return self._place(other) <= other._place(self)

    def _place(self, other: Version) -> tuple[Any, ...]:
        """Two connections have only their times in common."""
        if self.connection != other.connection:
            return (min(self.standing, Standing.TOLD), self.time, self.seq)
        said = self.sender_version
        return (self.standing, self.time, said is not None, said or 0, self.rank, self.seq)
