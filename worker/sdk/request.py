"""Defines one HTTP request as received, which signatures cover and connectors read."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class Request:
    """One HTTP request as received. Header names are lower-cased; a repeated header is repeated here.

    `received`: when it came, at the door alone: an id may hold the minute, where its sender tells nothing that differs.
    """

    method: str
    url: str
    headers: tuple[tuple[str, str], ...]
    body: bytes
    token: str | None = None
    received: datetime | None = None

    def header(self, name: str) -> str | None:
        """The header's value; None when it is absent or repeated."""
        found = [value for key, value in self.headers if key == name.lower()]
        return found[0] if len(found) == 1 else None
