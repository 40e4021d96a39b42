"""Defines what the receiver needs of the rest, as protocols that tests can implement."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Any, Protocol, TypeAlias

from worker.queue.wakeups import Wakeup
from worker.sdk.read import ReadEvent
from worker.settings import Connection


class Secrets(Protocol):
    """Where signing secrets come from. Every method may raise StoreUnavailable."""

    def secrets(self, connection: str) -> Sequence[str]:
        """All that are valid now, the newest first; empty when there are none."""

    def verify_tokens(self, connection: str) -> Sequence[str]:
        """What a sender says in its handshake to be answered; empty when there are none."""

    def used(self, connection: str, secret: str) -> None:
        """It was seen in use now, which tells people when an old one can go."""

    def fingerprint(self, secret: str) -> str:
        """What may be shown and stored in a secret's place."""


Ring: TypeAlias = Callable[[Sequence[Wakeup]], None]
"""Send wake-ups some time soon. Returns at once, never raises: what is lost, the sweep makes good."""

Clock: TypeAlias = Callable[[], datetime]

Rehearse: TypeAlias = Callable[[Connection, Sequence[ReadEvent]], Sequence[Mapping[str, Any]]]
"""What each of the events would do in Upsales, as JSON. May raise StoreUnavailable."""
