"""Defines why something that a person asks for is not done."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from worker.errors import ConfigError

if TYPE_CHECKING:
    from worker.admin.filters import Filters


class Refusal(ConfigError):
    """Nothing was changed. Its line says what is in the way, and holds no secret and nobody's data."""


class NotThere(Refusal):
    """There is nothing of this name."""


class Conflict(Refusal):
    """As things stand it can't be done: something else has to be changed first."""


class NotNow(Refusal):
    """What has to be asked for it does not answer. It may be tried again."""


class Unfit(Refusal):
    """What was given can't be taken. `field`: which part of it."""

    def __init__(self, detail: str, *, field: str | None = None) -> None:
        super().__init__(detail)
        self.field = field


class TooMany(Unfit):
    """More than may be taken at once. `narrower`: parts of it that are fewer, each with what it is."""

    def __init__(self, detail: str, narrower: Sequence[tuple[str, Filters]] = ()) -> None:
        super().__init__(detail)
        self.narrower = narrower
