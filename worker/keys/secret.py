"""A secret as a value that doesn't tell itself."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal, TypeAlias

Kind: TypeAlias = Literal["api_key", "secret"]
Source: TypeAlias = Literal["environment", "file", "stored"]


@dataclass(frozen=True, slots=True)
class Secret:
    """Its value, and where it was found. A stored one may end at `retires`."""

    value: str = field(repr=False)
    source: Source
    retires: datetime | None = None
