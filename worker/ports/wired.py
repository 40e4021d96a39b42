"""What Upsales is asked and answers, in wire form."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, TypeAlias

Json: TypeAlias = Any
"""What `json.loads` can answer."""


@dataclass(frozen=True, slots=True)
class Found:
    """A record that Upsales returned, in wire form."""

    id: int
    data: Mapping[str, Json]

    @property
    def active(self) -> bool:
        """Upsales writes 0/1, true/false, or nothing where a resource can't be inactive."""
        return bool(self.data.get("active", True))


@dataclass(frozen=True, slots=True)
class Answer:
    """Upsales's answer to a write. `changed`: fields that came back otherwise than they were sent → what came back."""

    id: int
    data: Mapping[str, Json]
    status: int
    duration: float
    changed: Mapping[str, Json] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Permit:
    """Leave to make one write call. It must be sent before the monotonic `deadline` and is given up then."""

    deadline: float
