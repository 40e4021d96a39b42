"""Names how an event can stand."""

from __future__ import annotations

from typing import Final, Literal, TypeAlias, get_args

Well: TypeAlias = Literal["delivered", "superseded", "ignored"]
Ended: TypeAlias = Well | Literal["dead", "review"]

WELL: Final[tuple[Well, ...]] = get_args(Well)
"""They ended, and nobody has to do anything."""
ENDED: Final[tuple[Ended, ...]] = (*WELL, "dead", "review")
STATUSES: Final = ("pending", *ENDED)
