"""Describes what is put through the chaos: its processes, and whether it has come to rest."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Protocol, TypeAlias

from tests.chaos.place import Place
from tests.chaos.thin.operator import Operator

FINAL = ("delivered", "superseded", "ignored")
"""How an event ends well."""


class Contestant(Protocol):
    """Made before any of its processes starts. They are called `web`, `worker1`, `worker2` and, if it has them, `beat` and `listener`."""

    def commands(self) -> Mapping[str, Sequence[str]]: ...
    def environ(self) -> Mapping[str, str]: ...
    def left(self) -> int | None:
        """How much is still to be done; None when that can't be told just now."""

    def why(self) -> Iterator[str]:
        """What is left, and what it waits for."""

    def ended(self) -> Mapping[str, tuple[str, str]] | None:
        """Events by the sender's id: status and reason. None when it keeps no book."""

    def ended_well(self) -> frozenset[str] | None:
        """Events by the sender's id; None when that can't be told just now."""

    def unanswered(self, resource: str) -> int:
        """Creates that were begun and of which no clear answer is on record."""

    def waits(self, connection: str, beside: str) -> Sequence[float]:
        """Of events that came while the other connection's waited: seconds from receipt to the first call for them."""

    def operator(self) -> Operator | None:
        """Of what reads its senders; None where nothing does."""

    def heard(self) -> Sequence[str] | None:
        """What the sender that is listened to told: its events by its ids, as they are stored. None where nobody listens."""

    def close(self) -> None: ...


Enter: TypeAlias = Callable[[Place], Contestant]
