"""Says what a listener needs of the world."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import AbstractContextManager
from typing import Protocol

from worker.sdk.stream import Stream
from worker.settings import Connection
from worker.sources.stream.dial import Address, Socket
from worker.store.events.arrival import Receipt


class Credentials(Protocol):
    """What a connection's sender is asked with. Raises SourceForbidden where there is nothing to ask with."""

    def headers(self, connection: Connection, *, afresh: bool = False) -> Mapping[str, str]:
        """`afresh`: with a token that was not given out before."""
        ...

    def token(self, connection: Connection) -> str:
        """What is kept for the connection; empty where nothing is."""
        ...


class Dial(Protocol):
    """Opens a stream."""

    def __call__(
        self, address: Address, headers: Mapping[str, str], stream: Stream
    ) -> AbstractContextManager[Socket]: ...


class Committed(Protocol):
    """Hears of what was stored, so that workers are woken. Never raises."""

    def __call__(self, receipts: Sequence[Receipt]) -> None: ...


class Stop(Protocol):
    """Whether the process was told to end (`threading.Event`)."""

    def is_set(self) -> bool: ...

    def wait(self, timeout: float) -> bool: ...
