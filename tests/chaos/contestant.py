"""What is put through the chaos, seen from the harness: its processes, its door, and whether it has come to rest."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Protocol

from tests.chaos.place import Place


class Contestant(Protocol):
    """Its processes are called `web`, `worker1`, `worker2` and, if it has one, `beat`."""

    name: str

    def prepare(self, place: Place) -> None:
        """Before any of its processes starts."""

    def commands(self, place: Place) -> Mapping[str, Sequence[str]]: ...
    def environ(self, place: Place) -> Mapping[str, str]: ...
    def url(self, place: Place, connection: str) -> str: ...
    def ready(self, place: Place) -> bool: ...
    def left(self, place: Place) -> int | None:
        """How much is still to be done; None when that can't be told just now."""

    def why(self, place: Place) -> Iterator[str]:
        """What is left, and what it waits for."""

    def ended(self, place: Place) -> Mapping[str, tuple[str, str]]:
        """Events by the sender's id: status and reason. Empty when it keeps no book."""
