"""What a look found: good, worth a look, or wrong."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True, slots=True)
class Finding:
    what: str
    state: Literal["good", "look", "wrong"]
    says: str
