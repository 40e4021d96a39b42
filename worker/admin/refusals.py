"""Names why something that a person asks for is not done."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from worker.errors import RelayError

if TYPE_CHECKING:
    from worker.admin.filters import Filters


class NotThere(RelayError):
    """There is nothing of this name."""

    exit_code = 2


class Conflict(RelayError):
    """As things stand it can't be done."""

    exit_code = 2


class Unfit(RelayError):
    """It is understood, and can't be done to that."""

    exit_code = 2


class TooMany(Unfit):
    """More than may be taken at once. `narrower`: parts of it that are fewer, each with what it is."""

    def __init__(self, message: str, narrower: Sequence[tuple[str, Filters]] = ()) -> None:
        super().__init__(message)
        self.narrower = narrower
