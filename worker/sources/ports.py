"""Says what reading a sender's API answers, for whoever reads."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Protocol

from worker.settings import Connection


@dataclass(frozen=True, slots=True)
class FileBytes:
    """A file as it came."""

    data: bytes = field(repr=False)
    media_type: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Thing:
    """One thing as the sender has it, secrets in it masked. `body`: JSON, or `FileBytes`. `read_at`: by our clock, before it was asked for."""

    kind: str
    id: str
    body: Any
    read_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """One page of a list. `bookmark`: where the next one is, text that only the reader understands; None after the last."""

    kind: str
    items: Sequence[Any]
    bookmark: str | None
    read_at: datetime


class Reader(Protocol):
    """A connection's view of its sender's API. Safe to share between threads. Raises the failures of a source (`worker/errors.py`)."""

    def get(self, kind: str, thing: str, *, event: str | None = None) -> Thing: ...

    def page(self, kind: str, since: datetime | None, bookmark: str | None = None) -> Page: ...


class Signer(Protocol):
    """Signs requests to senders' APIs. Raises SourceForbidden where a connection has no token."""

    def headers(self, connection: Connection, *, afresh: bool = False) -> Mapping[str, str]:
        """`afresh`: with a token that was not given out before, where one can be had: the last one was not accepted."""

    def fingerprint(self, connection: Connection) -> str:
        """Of the connection's token: the same while what it is exchanged for is refreshed."""
